// @ts-check
// The event database as a process of its own: `node engine.js FOLDER`. Prints one line of JSON when it answers. Lives as
// long as its standard input.
const [folder = ''] = process.argv.slice(2);
const built = (/** @type {string} */ name) => import(new URL(`../../dist/collector/${name}.js`, import.meta.url).href);
const { startEmbeddedEngine } = await built('clickhouse/embedded-engine');
const { createLog } = await built('log');

const engine = await startEmbeddedEngine({ folder, memoryBytes: 2 * 1024 ** 3, log: createLog('silent') });
const { url, user, password } = engine;
console.log(JSON.stringify({ url, user, password, pid: engine.pid() }));
process.stdin.on('end', async () => {
  await engine.stop();
  process.exit(0);
});
process.stdin.resume();
