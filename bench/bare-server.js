// @ts-check
// What a server costs that does less than ours: `node bare-server.js [parse|keep FOLDER]` reads each body and answers 202; with `parse` it reads it
// as JSON; with `keep` it also writes a row of the usual length with its checksum to the disk before it answers, many rows at once, which is
// the least that anybody does who may lose nothing. Prints its address. Lives as long as its standard input.
import { constants, openSync, write } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const [mode = 'read', folder = '.'] = process.argv.slice(2);
/** A row of ours has about so many characters more than the event it is made of. */
const filler = 'x'.repeat(600);

/** @type {(row: string, done: () => void) => void} */
const keep = mode === 'keep' ? groupCommit(join(folder, 'rows.ndjson')) : (_row, done) => done();

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const batch = mode === 'read' ? {} : JSON.parse(Buffer.concat(pieces).toString());
    keep(mode === 'keep' ? rowsOf(batch) : '', () => {
      response.writeHead(202, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
      response.end('{"accepted":1,"dropped":[]}');
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
});
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();

/** @param {{ site: string, visitor: string, page: string, events: object[] }} batch */
function rowsOf({ site, visitor, page, events }) {
  let rows = '';
  for (const event of events) {
    const row = JSON.stringify({ site, visitor, page, ...event, filler });
    rows += `${row.slice(0, -1)},"_crc":"${crc32(row).toString(16)}"}\n`;
  }
  return rows;
}

/** Rows that come while one write is under way go with the next. @param {string} path @returns {(row: string, done: () => void) => void} */
function groupCommit(path) {
  // O_DSYNC, as our own spool has it: the write returns when it is on the disk.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC);
  /** @type {string[]} */
  let rows = [];
  /** @type {(() => void)[]} */
  let waiting = [];
  let isBusy = false;
  const commit = () => {
    const [bytes, answers] = [Buffer.from(rows.join('')), waiting];
    [rows, waiting] = [[], []];
    write(file, bytes, (error) => {
      if (error) throw error;
      for (const answer of answers) answer();
      isBusy = rows.length > 0;
      if (isBusy) setImmediate(commit);
    });
  };
  return (row, done) => {
    rows.push(row);
    waiting.push(done);
    if (!isBusy) setImmediate(commit);
    isBusy = true;
  };
}
