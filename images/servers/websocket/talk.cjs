/** talk.cjs URL PEOPLE SAYINGS: so many people say so much each, and leave when everybody has heard everything. */
const { WebSocket } = require('ws');

const [url, people, sayings] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/** Somebody who says the next words when the last ones were heard. */
function join(person) {
  const socket = new WebSocket(url);
  const words = Array.from(
    { length: sayings },
    (_, index) => `${person} says ${'word '.repeat(person * index)}${index}`,
  );
  let said = 0;
  let heard = 0;
  socket.on('message', (message) => {
    heard += 1;
    if (String(message) === words[said] && ++said < sayings) socket.send(words[said]);
    if (heard === people * sayings) socket.close();
  });
  return {
    begin: () => socket.send(words[0]),
    arrived: new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject)),
    left: new Promise((resolve) => socket.on('close', resolve)),
  };
}

const everybody = Array.from({ length: people }, (_, person) => join(person));
Promise.all(everybody.map(({ arrived }) => arrived))
  .then(() => everybody.forEach(({ begin }) => begin()))
  .then(() => Promise.all(everybody.map(({ left }) => left)))
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
