#!/usr/bin/env node
// @ts-check
// The command. In a checkout it first builds what is missing; in the published package everything is built already.
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Telltale needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const builder = new URL('../scripts/build.js', import.meta.url);
if (existsSync(builder)) {
  const { build } = await import(builder.href);
  await build().catch((/** @type {Error} */ error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
const { main } = await import(new URL('../dist/collector/main.js', import.meta.url).href);
await main(process.argv.slice(2));
