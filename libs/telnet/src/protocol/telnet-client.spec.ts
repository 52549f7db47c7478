import { chopped } from '@remote-access/testkit';
import { type InputMode, TelnetClient } from './telnet-client';
import { CHARSET, COMMANDS, ENVIRON, IS, OPTIONS, SEND } from './telnet-codes';

const { IAC, SB, SE, WILL, WONT, DO, DONT, BREAK } = COMMANDS;
const TYPES = ['xterm-256color', 'xterm', 'vt100'] as const;

function client(size = { cols: 80, rows: 24 }, isUtf8 = true) {
  const text: number[] = [];
  const sent: number[] = [];
  const modes: InputMode[] = [];
  const it = new TelnetClient(
    {
      size,
      terminalTypes: TYPES,
      environment: { LANG: 'C.UTF-8' },
      charsets: ['UTF-8'],
      isUtf8,
    },
    {
      text: bytes => text.push(...bytes),
      send: bytes => sent.push(...bytes),
      modeChanged: mode => modes.push(mode),
    },
  );
  const receive = (...bytes: number[]): void => it.receive(Uint8Array.from(bytes));
  /** What was sent since the last time. */
  const answers = (): number[] => sent.splice(0);
  return { it, text, answers, modes, receive };
}

/**
 * A client whose server has agreed to options, with the messages that follow from that already
 * sent.
 */
function agreed(...options: number[]) {
  const started = client();
  for (const option of options) started.receive(IAC, DO, option);
  started.receive(IAC, DONT, OPTIONS.TERMINAL_TYPE, IAC, WONT, OPTIONS.SGA);
  started.answers();
  return started;
}

const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

it('sends only input to a server that has not negotiated', () => {
  const { it: telnet, answers } = client();
  telnet.receive(Buffer.from('login: '));
  telnet.resize({ cols: 100, rows: 30 });
  telnet.type(Buffer.from('é'));
  expect(answers()).toEqual([...Buffer.from('é')]);
  expect(telnet.speaksTelnet).toBe(false);
});

it('proposes its size and terminal type once the server negotiates', () => {
  const { receive, answers } = client();
  receive(IAC, WILL, OPTIONS.ECHO);
  expect(answers()).toEqual([
    ...[IAC, DO, OPTIONS.ECHO],
    ...[IAC, DO, OPTIONS.SGA],
    ...[IAC, WILL, OPTIONS.TERMINAL_TYPE],
    ...[IAC, WILL, OPTIONS.NAWS],
  ]);
});

it.each([
  ['LINEMODE', DO, OPTIONS.LINEMODE, WONT],
  ['to echo what the server sends', DO, OPTIONS.ECHO, WONT],
  ['authentication', DO, 37, WONT],
  ['X display', DO, 35, WONT],
  ['the old environment', DO, 36, WONT],
  ['to be told a status', WILL, 5, DONT],
  ['encryption', WILL, 38, DONT],
])('refuses %s', (_what, verb, option, answer) => {
  const { receive, answers } = client();
  receive(IAC, verb, option);
  expect(answers().slice(0, 3)).toEqual([IAC, answer, option]);
});

it('sends its size on request and on every change, with 255 doubled', () => {
  const { it: telnet, receive, answers } = client({ cols: 255, rows: 65_535 });
  receive(IAC, DO, OPTIONS.NAWS);
  expect(answers().join()).toContain(
    [IAC, SB, OPTIONS.NAWS, 0, IAC, IAC, IAC, IAC, IAC, IAC, IAC, SE].join(),
  );
  telnet.resize({ cols: 511, rows: 24 });
  expect(answers()).toEqual([IAC, SB, OPTIONS.NAWS, 1, IAC, IAC, 0, 24, IAC, SE]);
  telnet.resize({ cols: 511, rows: 24 });
  expect(answers()).toEqual([]);
});

it('sends its terminal types in turn, the last one twice, and starts over', () => {
  const { receive, answers } = client();
  receive(IAC, DO, OPTIONS.TERMINAL_TYPE);
  answers();
  for (const name of [...TYPES, TYPES[2], ...TYPES]) {
    receive(IAC, SB, OPTIONS.TERMINAL_TYPE, SEND, IAC, SE);
    expect(answers()).toEqual([IAC, SB, OPTIONS.TERMINAL_TYPE, IS, ...ascii(name), IAC, SE]);
  }
});

it('sends a terminal speed on request', () => {
  const { receive, answers } = agreed(OPTIONS.TERMINAL_SPEED);
  receive(IAC, SB, OPTIONS.TERMINAL_SPEED, SEND, IAC, SE);
  expect(Buffer.from(answers()).toString('latin1')).toContain('38400,38400');
});

describe('the environment', () => {
  const asked = (...request: number[]): number[] => {
    const { receive, answers } = agreed(OPTIONS.NEW_ENVIRON);
    receive(IAC, SB, OPTIONS.NEW_ENVIRON, SEND, ...request, IAC, SE);
    return answers().slice(3, -2);
  };
  const lang = (kind: number): number[] => [
    IS,
    kind,
    ...ascii('LANG'),
    ENVIRON.VALUE,
    ...ascii('C.UTF-8'),
  ];

  it('is sent to a server that asks for everything', () => {
    expect(asked()).toEqual(lang(ENVIRON.USERVAR));
  });

  it('is sent to a server that asks by name, or for all variables of a kind', () => {
    expect(asked(ENVIRON.USERVAR, ...ascii('LANG'))).toEqual(lang(ENVIRON.USERVAR));
    expect(asked(ENVIRON.VAR, ENVIRON.USERVAR)).toEqual(lang(ENVIRON.VAR));
  });

  it('contains no user, no display and nothing else that a server asks for', () => {
    const names = ['USER', 'DISPLAY', 'SYSTEMTYPE', 'PATH'];
    expect(asked(...names.flatMap(name => [ENVIRON.VAR, ...ascii(name)]))).toEqual([IS]);
  });
});

describe('the character set', () => {
  const asked = (request: string): number[] => {
    const { receive, answers } = agreed(OPTIONS.CHARSET);
    receive(IAC, SB, OPTIONS.CHARSET, CHARSET.REQUEST, ...ascii(request), IAC, SE);
    return answers().slice(3, -2);
  };

  it.each([';UTF-8', ' iso-8859-1 utf-8', '[TTABLE]\x01;US-ASCII;utf-8'])(
    'of the endpoint is taken from %j',
    request => {
      const [answer, ...name] = asked(request);
      expect(answer).toBe(CHARSET.ACCEPTED);
      expect(Buffer.from(name).toString().toUpperCase()).toBe('UTF-8');
    },
  );

  it.each([';ISO-8859-1;US-ASCII', '', ';'])('is refused if %j does not list it', request => {
    expect(asked(request)).toEqual([CHARSET.REJECTED]);
  });
});

it('answers no subnegotiation of an option that is off', () => {
  const { receive, answers } = client();
  for (const option of [OPTIONS.TERMINAL_TYPE, OPTIONS.NEW_ENVIRON, OPTIONS.CHARSET, 99]) {
    receive(IAC, SB, option, SEND, IAC, SE);
  }
  expect(answers()).toEqual([]);
});

describe('input', () => {
  it('has 255 doubled, and Enter as CR NUL', () => {
    const { it: telnet, answers } = client();
    telnet.type(Uint8Array.of(65, 13, 255, 13, 10, 13));
    expect(answers()).toEqual([65, 13, 0, 255, 255, 13, 10, 13, 0]);
  });

  it('requests BINARY before the first character that needs eight bits', () => {
    const { it: telnet, receive, answers } = client();
    receive(IAC, WILL, OPTIONS.ECHO);
    answers();
    telnet.type(Buffer.from('a'));
    expect(answers()).toEqual([97]);
    telnet.type(Buffer.from('ü'));
    expect(answers()).toEqual([IAC, WILL, OPTIONS.BINARY, ...Buffer.from('ü')]);
    receive(IAC, DO, OPTIONS.BINARY);
    telnet.type(Uint8Array.of(13));
    expect(answers()).toEqual([13]);
  });
});

describe('the input mode', () => {
  it('starts as a network virtual terminal: local echo, line by line', () => {
    expect(client().it.mode).toEqual({ localEcho: true, byLine: true });
  });

  it('follows the negotiation', () => {
    const { receive, modes } = client();
    receive(IAC, WILL, OPTIONS.ECHO, IAC, WILL, OPTIONS.SGA, IAC, WONT, OPTIONS.ECHO);
    expect(modes).toEqual([
      { localEcho: false, byLine: true },
      { localEcho: false, byLine: false },
      { localEcho: true, byLine: false },
    ]);
  });
});

it('sends a break command', () => {
  const { it: telnet, answers } = client();
  telnet.sendBreak();
  expect(answers()).toEqual([IAC, BREAK]);
});

describe('output of the server', () => {
  const bytes = Buffer.from([
    ...ascii('a\r\0b\r\nc\0d'),
    ...[IAC, WILL, OPTIONS.BINARY, IAC, WONT, OPTIONS.BINARY],
    ...[IAC, IAC, 13, 0],
  ]);
  it.each([...chopped(bytes)].map(cut => [cut.name, cut.pieces] as const))(
    'turns CR NUL into CR and loses nothing else, fed %s',
    (_cut, pieces) => {
      const { it: telnet, text } = client();
      for (const piece of pieces) telnet.receive(piece);
      expect(text).toEqual([...ascii('a\rb\r\nc\0d'), 255, 13]);
    },
  );

  it('is unchanged if the server uses BINARY', () => {
    const { receive, text } = client();
    receive(IAC, WILL, OPTIONS.BINARY, 13, 0, IAC, IAC);
    expect(text).toEqual([13, 0, 255]);
  });

  it('loses a data mark whose IAC was dropped as urgent data', () => {
    const { receive, text } = client();
    receive(COMMANDS.DATA_MARK, ...ascii('^C\r\n'));
    receive(...Buffer.from('日本 ü 🙂'));
    expect(Buffer.from(text).toString()).toBe('^C\r\n日本 ü 🙂');
  });

  it('keeps that byte in an encoding where it is a letter', () => {
    const { receive, text } = client({ cols: 80, rows: 24 }, false);
    receive(0xf2);
    expect(text).toEqual([0xf2]);
  });
});
