/** What the embedded engine needs to know about itself. */
export interface EngineConfig {
  /** Folder that holds the two configuration files and the log. */
  folder: string;
  /** Upper limit of the server's memory, bytes. */
  memoryBytes: number;
  /** SHA-256 of the password of `collector` and `reader`, hexadecimal. */
  passwordSha256: string;
}

/** `config.xml` of the embedded engine. */
export function configXml({ folder, memoryBytes }: EngineConfig): string {
  return `<clickhouse>
  <users_config>${escapeXml(folder)}/users.xml</users_config>
  <max_server_memory_usage>${Math.round(memoryBytes)}</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <keep_alive_timeout>10</keep_alive_timeout>
  <max_concurrent_queries>200</max_concurrent_queries>
  <background_pool_size>4</background_pool_size>
  <logger>
    <log>${escapeXml(folder)}/clickhouse.log</log>
    <size>20M</size>
    <count>3</count>
  </logger>
</clickhouse>
`;
}

/**
 * `users.xml`: `default` runs the two statements that open the listeners and keep the process alive, and has rights for
 * nothing else; `collector` writes; `reader` answers questions and can neither write nor reach files or other hosts.
 */
export function usersXml({ passwordSha256 }: EngineConfig): string {
  return `<clickhouse>
  <profiles>
    <default>
      <!-- Filters reach the server as form fields; the request they come in is at most 256 KiB. -->
      <http_max_field_value_size>2097152</http_max_field_value_size>
    </default>
    <reader>
      <http_max_field_value_size>2097152</http_max_field_value_size>
      <!-- 2: no writes, no DDL, settings of a query may still be lowered -->
      <readonly>2</readonly>
      <max_execution_time>10</max_execution_time>
      <max_memory_usage>2000000000</max_memory_usage>
      <max_result_rows>200000</max_result_rows>
      <constraints>
        <max_execution_time><max>10</max></max_execution_time>
        <max_memory_usage><max>2000000000</max></max_memory_usage>
        <max_result_rows><max>200000</max></max_result_rows>
      </constraints>
    </reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password/>
      <!-- TRICKY: <networks> is not enforced for this account, so what it may do is limited by grants. -->
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT FILE, CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </default>
    <collector>
      <password_sha256_hex>${passwordSha256}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </collector>
    <reader>
      <password_sha256_hex>${passwordSha256}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>reader</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON *.*</query>
      </grants>
    </reader>
  </users>
</clickhouse>
`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
