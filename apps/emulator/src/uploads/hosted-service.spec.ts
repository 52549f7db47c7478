import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { sandboxProblem } from './hosted-service';

describe('the sandbox of uploaded microservices', () => {
  const folder = temporaryFolder('sandbox');
  afterAll(() => folder.remove());

  function writeBwrap(script: string): void {
    const file = join(folder.path, 'bwrap');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  it('says how to get bwrap where it is missing', () => {
    expect(sandboxProblem({ PATH: folder.path })).toBe(
      '--run-uploads needs bwrap, which is not installed. Install it (apt-get install bubblewrap)',
    );
  });

  it('says why a machine does not let it run', () => {
    const words = 'setting up uid map: Permission denied';
    writeBwrap(`echo 'bwrap: ${words}' >&2; exit 1`);
    expect(sandboxProblem({ PATH: folder.path })).toContain(words);
  });

  it('finds nothing wrong where it runs', () => {
    writeBwrap('exit 0');
    expect(sandboxProblem({ PATH: folder.path })).toBeUndefined();
  });
});
