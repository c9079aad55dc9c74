// An echo server on WebSocket-Node, as its README shows it.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import websocket from 'websocket';

const [port = 0, cert, key] = process.argv.slice(2);
const noPage = (request, response) => response.writeHead(404).end();
const httpServer = cert
  ? https.createServer(
      { cert: readFileSync(cert), key: readFileSync(key) },
      noPage,
    )
  : http.createServer(noPage);
httpServer.listen(Number(port), '127.0.0.1', () =>
  console.log(`ready ${httpServer.address().port}`),
);

const server = new websocket.server({
  httpServer,
  // The defaults of 64 KiB and 1 MiB are below what the suite sends.
  maxReceivedFrameSize: 16 * 2 ** 20,
  maxReceivedMessageSize: 16 * 2 ** 20,
});

server.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.on('message', (message) => {
    if (message.type === 'utf8') {
      connection.sendUTF(message.utf8Data);
    } else {
      connection.sendBytes(message.binaryData);
    }
  });
});
