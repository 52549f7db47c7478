// Runs in a thread of its own (KeyDerivation starts it). Plain JavaScript: a thread loads its file
// by itself, so this one is the same whether the rest runs built or, in tests, from the sources.
const { parentPort, workerData } = require('node:worker_threads');

/** Each answers the derived bytes; the bounds were looked at before. */
const derive = {
  bcrypt({ passphrase, salt, rounds, length }) {
    const { pbkdf } = require('bcrypt-pbkdf');
    const key = new Uint8Array(length);
    const secret = new TextEncoder().encode(passphrase);
    if (pbkdf(secret, secret.length, salt, salt.length, key, length, rounds) !== 0) {
      throw new Error('bcrypt_pbkdf refused its parameters');
    }
    return key;
  },

  argon2({ variant, passphrase, salt, memoryKib, passes, parallelism, length }) {
    return require('hash-wasm')[variant]({
      password: passphrase,
      salt,
      parallelism,
      iterations: passes,
      memorySize: memoryKib,
      hashLength: length,
      outputType: 'binary',
    });
  },
};

Promise.resolve(derive[workerData.kind](workerData)).then(key => parentPort.postMessage(key));
