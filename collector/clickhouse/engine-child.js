// @ts-check
// The embedded engine's process. Its only work is one call that does not return while the server runs.
// Plain JavaScript, so that the source tree and the built package start the same file.
import { DataType, load, open } from 'ffi-rs';

const [library = '', ...args] = process.argv.slice(2);

open({ library: 'chdb', path: library });
// TRICKY: koffi cannot be used here. It runs native code on a stack of its own, and ClickHouse then stops with TOO_DEEP_RECURSION.
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
});
