// An echo server on ws, as its README shows it: all defaults.
import { WebSocketServer } from 'ws';

const wss = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
});

wss.on('connection', (ws) => {
  // Without a listener a protocol error of the client would end the process.
  ws.on('error', (error) => console.error(error.message));
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});

wss.on('listening', () => console.log(`ready ${wss.address().port}`));
