import { FILES, read } from './repository';

const SPECS = FILES.filter(path => /^test\/interop\/foreign\/.*\.spec\.ts$/.test(path));

// Written by `npm run test:interop`, which takes too long to repeat here.
describe('docs/compatibility.md', () => {
  const rows = read('docs/compatibility.md')
    .split('\n')
    .filter(line => /^\| .* \| (yes|\*\*no\*\*) \|/.test(line))
    .map(line => line.split(' | ')[0]!.slice(2));
  const behaviours = SPECS.flatMap(path =>
    [...read(path).matchAll(/\.can\(\s*'((?:[^'\\]|\\.)*)'/g)].map(([, text = '']) =>
      text.replaceAll("\\'", "'"),
    ),
  );

  it('has only lines that a test made', () => {
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(row => !behaviours.includes(row))).toEqual([]);
  });

  it('has a line for every test of a program that can be installed', () => {
    // Its tests run only where the program is available.
    const ofGo = [
      'lists the configurations of a gateway',
      'serves a port, through which 20 ssh run at a time',
    ];
    expect(behaviours.filter(text => !rows.includes(text) && !ofGo.includes(text))).toEqual([]);
  });
});
