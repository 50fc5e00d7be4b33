// @ts-check
// What a server costs that keeps nothing: `node bare-server.js [parse]` reads each body, with `parse` also as JSON, and answers 202.
// Prints its address. Lives as long as its standard input.
import { createServer } from 'node:http';

const parses = process.argv[2] === 'parse';
const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    if (parses) JSON.parse(Buffer.concat(pieces).toString());
    response.writeHead(202, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
    response.end('{"accepted":1,"dropped":[]}');
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
});
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
