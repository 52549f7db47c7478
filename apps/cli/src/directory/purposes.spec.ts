import { PROTOCOLS } from '@remote-access/contracts';
import { commandLinePage } from '..';
import { commandsFor, purposeOf } from './purposes';

describe('the commands for an endpoint', () => {
  it.each([
    ['PASSTHROUGH', ['ssh', 'scp', 'vnc', 'forward', 'proxy', 'web']],
    ['VNC', ['vnc', 'forward', 'proxy']],
    ['TELNET', ['forward', 'proxy']],
    ['SSH', ['ssh', 'scp', 'forward', 'proxy']],
  ] as const)('of type %s are those that connect to it', (protocol, commands) => {
    expect(commandsFor(protocol)).toEqual(commands);
  });

  it('of an SSH server all accept the PASSTHROUGH endpoint that stands for it', () => {
    for (const command of commandsFor('SSH')) {
      expect(purposeOf(command).protocols).toContain('PASSTHROUGH');
    }
  });

  it.each(PROTOCOLS)('of type %s are those of the reference page', protocol => {
    const [row] = new RegExp(`^\\| ${protocol} \\|.*$`, 'm').exec(commandLinePage())!;
    const named = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(named).toEqual(commandsFor(protocol));
  });
});
