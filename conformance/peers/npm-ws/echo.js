// An echo server on ws, as its README shows it: all defaults, and
// permessage-deflate on.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { WebSocketServer } from 'ws';

const [port = 0, cert, key] = process.argv.slice(2);
const perMessageDeflate = true;
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
  return new WebSocketServer({ server: https, perMessageDeflate });
}

const server = cert
  ? secure()
  : new WebSocketServer({ ...address, perMessageDeflate }, listening);

// The commands of the testee contract (docs/testee.md).
function obey(ws, text) {
  const [name, ...words] = text.split(' ');
  const rest = words.join(' ');
  if (name === 'list') {
    ws.send('close ping send fragments drop');
  } else if (name === 'close' && words.length === 0) {
    ws.close();
  } else if (name === 'close') {
    ws.close(Number(words[0]), words.slice(1).join(' '));
  } else if (name === 'ping') {
    ws.ping(rest);
  } else if (name === 'send') {
    ws.send(rest);
  } else if (name === 'fragments') {
    words.forEach((word, at) => ws.send(word, { fin: at === words.length - 1 }));
  } else if (name === 'drop') {
    ws.terminate();
  }
}

function isCommand(data, isBinary) {
  return !isBinary && data.subarray(0, 10).equals(Buffer.from('wsspec:do '));
}

server.on('connection', (ws) => {
  // Without a listener a protocol error of the client would end the process.
  ws.on('error', (error) => console.error(error.message));
  ws.on('message', (data, isBinary) => {
    if (!isCommand(data, isBinary)) {
      ws.send(data, { binary: isBinary });
      return;
    }
    try {
      obey(ws, data.toString().slice(10));
    } catch (error) {
      console.error(error.message); // what ws refuses to do
    }
  });
});
