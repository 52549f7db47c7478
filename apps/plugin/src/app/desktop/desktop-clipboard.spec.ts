import { DesktopClipboard, MAX_CLIPBOARD_LENGTH } from './desktop-clipboard';

function open({ clipboardIn = true, clipboardOut = true, here = undefined as string | undefined }) {
  const seen = { written: [] as string[], offered: [] as string[], shown: [] as string[] };
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
    },
  );
  return { clipboard, seen };
}

describe('the clipboards of two machines', () => {
  it('bring here what was copied there', async () => {
    const { clipboard, seen } = open({});
    await clipboard.receive('čšž 漢字');
    expect(seen).toEqual({ written: ['čšž 漢字'], offered: [], shown: ['čšž 漢字'] });
  });

  it('keep apart what is not shared', async () => {
    const { clipboard, seen } = open({ clipboardIn: false, clipboardOut: false, here: 'mine' });
    await clipboard.receive('theirs');
    await clipboard.sendLocal();
    clipboard.send('mine');
    expect(seen).toEqual({ written: [], offered: [], shown: [] });
  });

  it('bring there what was copied here, once', async () => {
    const { clipboard, seen } = open({ here: 'mine' });
    await clipboard.sendLocal();
    await clipboard.sendLocal();
    expect(seen.offered).toEqual(['mine']);
  });

  it('do not send back what came from there', async () => {
    const { clipboard, seen } = open({ here: 'theirs' });
    await clipboard.receive('theirs');
    await clipboard.sendLocal();
    expect(seen.offered).toEqual([]);
  });

  it('send nothing where the browser was never allowed to read', async () => {
    const { clipboard, seen } = open({});
    await clipboard.sendLocal();
    expect(seen.offered).toEqual([]);
  });

  it('take no text without end (security)', async () => {
    const { clipboard, seen } = open({});
    const endless = 'x'.repeat(MAX_CLIPBOARD_LENGTH + 1);
    await clipboard.receive(endless);
    clipboard.send(endless);
    expect(seen).toEqual({ written: [], offered: [], shown: [] });
  });

  it('show the text also where the browser refuses to write it', async () => {
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
      },
    );
    await clipboard.receive('theirs');
    expect(shown).toEqual(['theirs']);
  });
});
