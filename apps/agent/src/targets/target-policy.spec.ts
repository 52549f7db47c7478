import { canonicalHost } from './target';
import { parseTargetRule, TargetPolicy } from './target-policy';

const NAMES: Record<string, string[]> = {
  'plc.local': ['10.0.0.5'],
  'db.internal': ['10.0.0.9', 'fd00::9'],
};

const rules = (texts: string[]) => texts.map(text => parseTargetRule(text)!);

const permits = (
  address: string,
  { allow = [], deny = [], port = 22, host = address }: Partial<Lists> = {},
): Promise<boolean> => {
  const lists = { allow: rules(allow), deny: rules(deny) };
  const policy = new TargetPolicy(lists, name => Promise.resolve(NAMES[name] ?? []));
  return policy.permits({ host, port }, canonicalHost(address)!);
};

interface Lists {
  allow: string[];
  deny: string[];
  port: number;
  host: string;
}

describe('TargetPolicy', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '::1',
    '10.0.0.5',
    '172.31.0.1',
    '192.168.1.1',
    'fd00::1',
    '100.64.0.1',
  ])('permits %s by default', async address => {
    expect(await permits(address)).toBe(true);
  });

  it.each([
    '203.0.113.7',
    '172.32.0.1',
    '2001:db8::1',
    '::ffff:203.0.113.7',
    '64:ff9b::203.0.113.7',
    '64:ff9b::10.0.0.5',
    '2002:cb00:7107::1',
  ])('denies the public address %s unless it is allowed (security)', async address => {
    expect(await permits(address)).toBe(false);
    expect(await permits(address, { allow: ['10.0.0.0/8'] })).toBe(address.endsWith('::10.0.0.5'));
    expect(await permits(address, { allow: ['0.0.0.0/0', '::/0'] })).toBe(true);
  });

  it.each(['0.0.0.0', '0.1.2.3', '::', '224.0.0.1', 'ff02::1', '64:ff9b::0.0.0.0', '2002::1'])(
    "denies %s, which is not a host's address, whatever is allowed (security)",
    async address => {
      const allow = ['0.0.0.0/0', '::/0', address];
      expect(await permits(address, { host: 'evil.example' })).toBe(false);
      expect(await permits(address, { host: 'evil.example', allow })).toBe(false);
    },
  );

  it('denies while the address of a denied name is unknown (security)', async () => {
    const unknown = () => Promise.reject(new Error('EAI_AGAIN'));
    const target = { host: '10.0.0.5', port: 22 };
    const policy = (lists: Partial<Lists>) =>
      new TargetPolicy({ allow: rules(lists.allow ?? []), deny: rules(lists.deny ?? []) }, unknown);
    expect(await policy({ deny: ['plc.local'] }).permits(target, '10.0.0.5')).toBe(false);
    expect(await policy({ deny: ['plc.local:23'] }).permits(target, '10.0.0.5')).toBe(true);
    expect(await policy({ allow: ['plc.local'] }).permits(target, '10.0.0.5')).toBe(false);
  });

  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '2852039166',
    '0xa9.254.169.254',
    '64:ff9b::169.254.169.254',
    '::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '169.254.170.2',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    'fd00:ec2::23',
    '64:ff9b:1::a9fe:a9fe',
    '64:ff9b:1:a9fe:a9:fe00::',
    '::ffff:0:169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
  ])(
    'denies %s by default, and also when all of IPv4 and IPv6 is allowed (security)',
    async address => {
      expect(await permits(address)).toBe(false);
      expect(await permits(address, { allow: ['0.0.0.0/0', '::/0'] })).toBe(false);
    },
  );

  it('permits a guarded address that the allow list names', async () => {
    expect(await permits('169.254.10.5', { allow: ['169.254.10.5'] })).toBe(true);
    expect(await permits('169.254.10.6', { allow: ['169.254.10.5'] })).toBe(false);
    expect(await permits('169.254.10.5', { allow: ['169.254.10.5:80'] })).toBe(false);
    expect(await permits('169.254.10.5', { allow: ['169.254.0.0/16'] })).toBe(true);
    expect(await permits('169.254.10.5', { allow: ['169.254.0.0/15'] })).toBe(false);
  });

  it('does not permit a guarded address because of a name (security)', async () => {
    const host = 'plc.local';
    expect(await permits('169.254.169.254', { allow: ['plc.local'], host })).toBe(false);
  });

  it('reads port ranges, and * for every host', async () => {
    const allow = ['*:5900-5910', '10.0.0.0/8:22'];
    expect(await permits('192.168.1.1', { allow, port: 5900 })).toBe(true);
    expect(await permits('fd00::7', { allow, port: 5910 })).toBe(true);
    expect(await permits('192.168.1.1', { allow, port: 5911 })).toBe(false);
    expect(await permits('10.1.1.1', { allow, port: 22 })).toBe(true);
    expect(await permits('10.1.1.1', { allow, port: 80 })).toBe(false);
    expect(await permits('10.1.1.1', { deny: ['*:22'] })).toBe(false);
    expect(await permits('169.254.169.254', { allow: ['*'], port: 80 })).toBe(false);
    expect(await permits('0.0.0.0', { allow: ['*'] })).toBe(false);
    for (const text of ['*:0', '*:10-5', '*:1-65536', '*:-5', '*:5-', '**', '*/8', '*.a:x']) {
      expect(parseTargetRule(text)).toBeUndefined();
    }
  });

  it('permits only what an allow list names, port by port', async () => {
    const allow = ['10.0.0.0/24', '192.168.1.1:22', '[fd00::/8]:5900', 'plc.local:502'];
    expect(await permits('10.0.0.200', { allow })).toBe(true);
    expect(await permits('10.0.1.1', { allow })).toBe(false);
    expect(await permits('192.168.1.1', { allow })).toBe(true);
    expect(await permits('192.168.1.1', { allow, port: 23 })).toBe(false);
    expect(await permits('fd00::7', { allow, port: 5900 })).toBe(true);
    expect(await permits('fd00::7', { allow, port: 22 })).toBe(false);
    expect(await permits('127.0.0.1', { allow })).toBe(false);
  });

  it('gives the deny list precedence', async () => {
    const lists = { allow: ['10.0.0.0/8'], deny: ['10.0.0.5', 'db.internal'] };
    expect(await permits('10.0.0.5', lists)).toBe(false);
    expect(await permits('10.0.0.6', lists)).toBe(true);
  });

  it('decides the same for a name and each of its addresses (security)', async () => {
    for (const lists of [{ deny: ['db.internal'] }, { allow: ['plc.local'] }]) {
      expect(await permits('10.0.0.9', { ...lists, host: 'db.internal' })).toBe(false);
      expect(await permits('10.0.0.9', lists)).toBe(false);
      expect(await permits('::ffff:10.0.0.9', lists)).toBe(false);
      expect(await permits('fd00::9', lists)).toBe(false);
      expect(await permits('10.0.0.5', { ...lists, host: 'plc.local' })).toBe(true);
      expect(await permits('10.0.0.5', lists)).toBe(true);
    }
  });
});

describe('parseTargetRule', () => {
  it.each([
    '10.0.0.5',
    '10.0.0.5:22',
    '10.0.0.0/8',
    '10.0.0.0/8:22',
    'fd00::1',
    '[fd00::1]',
    '[fd00::1]:22',
    'fd00::/8',
    '[fd00::]/8:22',
    '[fd00::/8]:22',
    'plc.local',
    'plc.local:502',
  ])('reads %s', text => {
    expect(parseTargetRule(text)).toMatchObject({ text });
  });

  it('reads a mapped network as an IPv4 network', () => {
    expect(parseTargetRule('::ffff:10.0.0.0/104')?.network).toMatchObject({
      address: '10.0.0.0',
      prefix: 8,
    });
  });

  it.each(['', ':', ':22', '10.0.0.0/33', '10.0.0.0/x', 'fd00::/129', 'plc.local/8', 'a b', 'a:0'])(
    'refuses "%s"',
    text => {
      expect(parseTargetRule(text)).toBeUndefined();
    },
  );

  it.each(['a:65536', '10.0.0.5:x', '[fd00::1', '10.0.0.5,10.0.0.6'])('refuses "%s" too', text => {
    expect(parseTargetRule(text)).toBeUndefined();
  });
});
