/** A chat: what anybody says is told to everybody who is there, unasked, and noted in the log. */
const { WebSocket, WebSocketServer } = require('ws');

const PORT = 8000;
const BEAT_MS = 1000;

const chat = new WebSocketServer({ port: PORT });

chat.on('connection', (person) => {
  person.on('message', (words) => {
    process.stdout.write(`said: ${words}\n`);
    for (const other of chat.clients) if (other.readyState === WebSocket.OPEN) other.send(String(words));
  });
  person.on('error', (error) => process.stdout.write(`left: ${error.message}\n`));
});

/** Who is still there answers (RFC 6455, section 5.5.2). */
setInterval(() => chat.clients.forEach((person) => person.ping(String(Date.now()))), BEAT_MS);

chat.on('listening', () => process.stdout.write(`the chat is open on port ${PORT}\n`));
