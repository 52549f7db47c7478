import type { Command } from 'commander';
import type { Protocol } from '@remote-access/contracts';
import { commandsFor } from '../directory/purposes';
import { EXIT_CODE_TEXTS, EXIT_CODES } from '../failures/failure';

const HELP_WIDTH = 100;

/** The content of docs/command-line.md: everything that the program's help says. */
export function referencePage(program: Command): string {
  const commands = program.createHelp().visibleCommands(program).filter(isOwn);
  const codes = Object.entries(EXIT_CODES).map(
    ([kind, code]) => `| ${code} | ${EXIT_CODE_TEXTS[kind as keyof typeof EXIT_CODES]} |`,
  );
  return [
    '<!-- Written by `npm run docs` from the program; test/repo compares it. -->',
    '# The command line',
    INTRODUCTION,
    '## What works on which kind of endpoint',
    kinds(),
    '## Signing in',
    SIGN_IN,
    '## Exit codes',
    `<!-- prettier-ignore -->\n| code | meaning |\n| --- | --- |\n${codes.join('\n')}`,
    '`ssh`, `scp` and `vnc` exit with the code of the program that they run, if that is not 0.',
    '## remote-access',
    help(program),
    ...commands.flatMap(command => [`## remote-access ${command.name()}`, help(command)]),
  ]
    .join('\n\n')
    .concat('\n');
}

function isOwn(command: Command): boolean {
  return command.name() !== 'help';
}

function help(command: Command): string {
  command.configureHelp({ helpWidth: HELP_WIDTH });
  return `\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\``;
}

const INTRODUCTION = `\`remote-access\` connects programs on your own machine to machines behind a gateway: \`ssh\`, \`scp\`, a
browser, a VNC viewer, a database client.

\`\`\`sh
npm run pack:cli && npm install --global ./dist/remote-access-[0-9]*.tgz   # in this repository

remote-access login https://tenant.example.com --user operator
remote-access ls                                  # gateways
remote-access ls press-gateway                    # endpoints of one
remote-access ssh press-gateway shell             # a shell
remote-access scp press-gateway shell report.csv :/tmp/
remote-access forward press-gateway database -L 5432
remote-access web press-gateway panel             # the device's own page in the browser
remote-access ssh-config > ~/.ssh/remote-access.config
\`\`\`

The package needs no registry, except for keeping passwords: the build of \`@napi-rs/keyring\` for your system is
fetched if it can be.

A gateway is named by its id, its serial number (\`c8y_Serial\`) or its name; an endpoint by its name or id. With
\`--json\`, results are JSON on stdout and errors are JSON on stderr.

\`forward\`, \`web\` and \`vnc\` listen on 127.0.0.1 only. On Linux they refuse connections from other users of the machine;
elsewhere, anyone who is signed in to the machine can use them while they run. If the service is briefly unavailable,
new connections wait up to a minute for it, and an expired sign-in is renewed if the password is known; nothing has to
be restarted.

If the gateway runs our agent, the connections of \`forward\` and \`web\` to a PASSTHROUGH endpoint share a session, so that
a page with many requests needs only one. With other agents each connection is a session; \`--multiplex\` tries to share
one there too. An agent that does not support this passes the request on to the server: 34 bytes that the server does
not understand. Use \`--multiplex\` only where they do no harm, and not with a server that echoes its input, because an
echo looks like agreement.`;

function kinds(): string {
  const commands = (protocol: Protocol): string =>
    commandsFor(protocol)
      .map(name => `\`${name}\``)
      .join(', ');
  return `<!-- prettier-ignore -->
| endpoint | commands |
| --- | --- |
| PASSTHROUGH | ${commands('PASSTHROUGH')} |
| VNC | ${commands('VNC')}; the service signs in if the endpoint has a password |
| TELNET | ${commands('TELNET')} |
| SSH | ${commands('SSH')} use the PASSTHROUGH endpoint of the same host and port |

The service terminates the SSH of an SSH endpoint and gives the page a terminal; programs of your own need the
connection itself. If there is no PASSTHROUGH endpoint for the server, and you may configure endpoints, you are asked
whether to add one; \`--add\` answers yes. Without that permission the program says which one is missing.`;
}

const SIGN_IN = `\`remote-access login\` asks for the password and, if your tenant wants one, for a one-time code. The password is kept in
the store of the operating system (Keychain, Credential Manager, or the Secret Service of a Linux desktop); if a
one-time code was needed, the token is kept instead, until it expires. Where there is no store, nothing is kept.

For scripts there are variables. If \`REMOTE_ACCESS_URL\` is set, they are used instead of a profile; with \`--profile\`
they are ignored. There is no option for a password: other users of a machine can read command lines.

<!-- prettier-ignore -->
| variable | meaning |
| --- | --- |
| \`REMOTE_ACCESS_URL\` | address of the tenant |
| \`REMOTE_ACCESS_TOKEN\` | a token, instead of user and password |
| \`REMOTE_ACCESS_USER\` | \`user\` or \`tenant/user\` |
| \`REMOTE_ACCESS_PASSWORD\` | the password |
| \`REMOTE_ACCESS_TOTP\` | a one-time code |
| \`REMOTE_ACCESS_CONFIG\` | folder of the file with the profiles, which contains no secrets |
| \`HTTPS_PROXY\`, \`NO_PROXY\` | HTTP proxy for connections to the tenant, \`http://user:password@host:port\` or \`https://…\`, and a list of hosts that are reached without it; for an address without TLS, \`HTTP_PROXY\` |
| \`NODE_EXTRA_CA_CERTS\` | file with the certificates of your company's own CA |
| \`BROWSER\` | program that \`web\` opens |`;
