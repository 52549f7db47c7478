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

  const [, ...sections] = read('docs/compatibility.md').split(/^## /m);
  const tried = sections.filter(text => !text.startsWith('Not tried\n'));

  it('gives the version and the date for each program that was run', () => {
    const dated =
      /\n\nVersion: (\d[\w.-]*|none, imitated[^.\n]*(\.io[^.\n]*)?)\. Date: 20\d\d-\d\d-\d\d\. /;
    expect(tried.filter(text => !dated.test(text)).map(text => text.split('\n')[0])).toEqual([]);
  });

  it.each([
    'c8ylp',
    'c8ydp',
    'go-c8y-cli',
    'thin-edge.io',
    'cumulocity-agents-linux',
    'cloud-http-proxy',
    "vendor's UI modules",
    'Dropbear',
    'TinySSH',
    'BusyBox telnetd',
    'GNU inetutils telnetd',
    'libvncserver',
    'x11vnc',
    'QEMU',
    'wayvnc',
    'vino',
  ])('says whether %s was tried', name => {
    const isTried = tried.some(text => text.slice(0, text.indexOf('| it |')).includes(name));
    const reason = sections
      .at(-1)!
      .split('\n\n')
      .find(text => text.includes(name));
    expect(isTried || reason !== undefined).toBe(true);
  });
});
