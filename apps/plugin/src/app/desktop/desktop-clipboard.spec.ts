import { DesktopClipboard, MAX_CLIPBOARD_LENGTH } from './desktop-clipboard';

function open({ clipboardIn = true, clipboardOut = true, here = undefined as string | undefined }) {
  const seen = { written: [] as string[], offered: [] as string[], shown: [] as string[] };
  let withheld = 0;
  const clipboard = new DesktopClipboard(
    {
      write: text => {
        seen.written.push(text);
        return Promise.resolve();
      },
      readIfAllowed: () => Promise.resolve(here),
    },
    {
      preferences: () => ({ clipboardIn, clipboardOut }),
      send: text => seen.offered.push(text),
      show: text => seen.shown.push(text),
      withheld: () => (withheld += 1),
    },
  );
  return { clipboard, seen, withheld: () => withheld };
}

describe('DesktopClipboard', () => {
  it('copies remote text to the local clipboard', async () => {
    const { clipboard, seen } = open({});
    await clipboard.receive('čšž 漢字');
    expect(seen).toEqual({ written: ['čšž 漢字'], offered: [], shown: ['čšž 漢字'] });
  });

  it('shares nothing if sharing is off', async () => {
    const off = { clipboardIn: false, clipboardOut: false };
    const { clipboard, seen, withheld } = open({ ...off, here: 'mine' });
    await clipboard.receive('theirs');
    await clipboard.sendLocal();
    clipboard.send('mine');
    expect(seen).toEqual({ written: [], offered: [], shown: [] });
    expect(withheld()).toBe(1);
  });

  it('sends local text once', async () => {
    const { clipboard, seen } = open({ here: 'mine' });
    await clipboard.sendLocal();
    await clipboard.sendLocal();
    expect(seen.offered).toEqual(['mine']);
  });

  it('does not send remote text back', async () => {
    const { clipboard, seen } = open({ here: 'theirs' });
    await clipboard.receive('theirs');
    await clipboard.sendLocal();
    expect(seen.offered).toEqual([]);
  });

  it('sends nothing if the browser may not read the clipboard', async () => {
    const { clipboard, seen } = open({});
    await clipboard.sendLocal();
    expect(seen.offered).toEqual([]);
  });

  it('ignores text that is too long (security)', async () => {
    const { clipboard, seen } = open({});
    const endless = 'x'.repeat(MAX_CLIPBOARD_LENGTH + 1);
    await clipboard.receive(endless);
    clipboard.send(endless);
    expect(seen).toEqual({ written: [], offered: [], shown: [] });
  });

  it('shows the text even if the browser denies writing it', async () => {
    const shown: string[] = [];
    const clipboard = new DesktopClipboard(
      {
        write: () => Promise.reject(new Error('denied')),
        readIfAllowed: () => Promise.resolve(''),
      },
      {
        preferences: () => ({ clipboardIn: true, clipboardOut: true }),
        send: () => undefined,
        show: text => shown.push(text),
        withheld: () => undefined,
      },
    );
    await clipboard.receive('theirs');
    expect(shown).toEqual(['theirs']);
  });
});
