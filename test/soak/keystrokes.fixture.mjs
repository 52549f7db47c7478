// A user who types into a shell and measures the time until each character is echoed, in a separate
// process. The first message is the address of the session, the second one ends it; the
// milliseconds of each echo are sent back.
import { WebSocket } from 'ws';

/** Nothing of the previous key is in flight, and no timer has this period. */
const PAUSE_MS = 15;

/** The kernel's line editing holds at most 4096 characters per line. */
const KEYS_PER_LINE = 1000;

const ECHO_TIMEOUT_MS = 20_000;

let isStopped = false;

process.once('message', url => {
  process.once('message', () => (isStopped = true));
  const socket = new WebSocket(url, 'remoteaccess.v1', { perMessageDeflate: false });
  const type = text => socket.send(Buffer.from(text));
  let onOutput = () => undefined;
  socket.on('message', (data, isBinary) => isBinary && onOutput(data.toString()));
  const outputOf = pattern =>
    new Promise((resolve, reject) => {
      let seen = '';
      const late = () => reject(new Error(`No output matches ${pattern}: ${JSON.stringify(seen)}`));
      const deadline = setTimeout(late, ECHO_TIMEOUT_MS);
      onOutput = text => {
        seen += text;
        if (!pattern.test(seen)) return;
        clearTimeout(deadline);
        resolve();
      };
    });
  const measure = async () => {
    await outputOf(/[#$] $/);
    // The kernel echoes, so only the path is measured rather than a shell's line editing.
    type("printf 'be''gin\\n'; cat > /dev/null\n");
    await outputOf(/begin\r?\n/);
    for (let key = 1; !isStopped; key += 1) {
      const echo = outputOf(/x/);
      const typedAt = performance.now();
      type('x');
      await echo;
      process.send(performance.now() - typedAt);
      if (key % KEYS_PER_LINE === 0) type('\n');
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
    socket.close();
    process.disconnect();
  };
  socket.once('close', code => isStopped || fail(new Error(`The session ended: ${code}`)));
  measure().catch(fail);
});

function fail(error) {
  console.error(error);
  process.exit(1);
}
