// The worker thread of KeyDeriver. Plain JavaScript, because a worker loads its file directly: the
// same file serves the build and the tests, which run on the sources.
const { parentPort, workerData } = require('node:worker_threads');

/** KeyDeriver has checked the bounds. */
const derive = {
  bcrypt({ passphrase, salt, rounds, length }) {
    const { pbkdf } = require('bcrypt-pbkdf');
    const key = new Uint8Array(length);
    const secret = new TextEncoder().encode(passphrase);
    if (pbkdf(secret, secret.length, salt, salt.length, key, length, rounds) !== 0) {
      throw new Error('bcrypt_pbkdf rejected its parameters');
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
