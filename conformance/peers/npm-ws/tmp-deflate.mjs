// An echo server on ws, as its README shows it: all defaults.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { WebSocketServer } from 'ws';

const [port = 0, cert, key] = process.argv.slice(2);
const address = { host: '127.0.0.1', port: Number(port) };
const listening = () => console.log(`ready ${server.address().port}`);

function secure() {
  const https = createServer({
    cert: readFileSync(cert),
    key: readFileSync(key),
  });
  // What ws does where it has the port to itself.
  https.on('request', (request, response) => {
    response.writeHead(426).end();
  });
  https.listen(address, listening);
  return new WebSocketServer({ server: https });
}

const server = cert ? secure() : new WebSocketServer({...address, perMessageDeflate: true, maxFragments: 0}, listening);

server.on('connection', (ws) => {
  // Without a listener a protocol error of the client would end the process.
  ws.on('error', (error) => console.error(error.message));
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
