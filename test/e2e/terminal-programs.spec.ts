import { connectTo, interrupt, PROMPT, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

test.beforeEach(async ({ page, signIn, openDevice }) => {
  await signIn('engineer');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
});

test('text of every script is drawn with the width that programs expect', async ({ page }) => {
  // Asks the terminal for the cursor position after each text (CPR), as editors do.
  await typeLine(
    page,
    `w() { printf "$1"; IFS=';' read -rsdR -p $'\\e[6n' _ c; printf '|\\n%s %d\\n' $2 $((c-1)); }`,
  );
  await typeLine(page, "clear; w 'e\\u0301' combining; w '漢字' wide; w '😀' emoji; w 'नि' joined");
  const widths = /combining 1$[^]*^漢字\|\n^wide 4$[^]*^😀\|\n^emoji 2$[^]*^joined 2$/m;
  await expect.poll(() => screenText(page)).toMatch(widths);
});

test('full-screen programs draw, take keys and restore the screen', async ({ page }) => {
  await typeLine(page, "clear; echo BE''FORE");

  await test.step('vim', async () => {
    await typeLine(page, 'vi -u NONE -c "set noswapfile" /etc/services');
    await expect.poll(() => screenText(page)).toContain('# Network services');
    await page.keyboard.type('Gotyped here');
    await page.keyboard.press('Escape');
    await expect.poll(() => screenText(page)).toContain('typed here');
    await page.keyboard.type(':q!\n');
    await expect.poll(() => screenText(page)).toMatch(/BEFORE[^]*[#$] *$/);
  });

  await test.step('top', async () => {
    await typeLine(page, 'top');
    await expect.poll(() => screenText(page)).toMatch(/PID +USER/);
    await page.keyboard.type('q');
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });

  await test.step('tmux, with two panes side by side', async () => {
    await typeLine(page, 'clear; tmux -f /dev/null -L e2e new-session -s e2e');
    await expect.poll(() => screenText(page)).toMatch(/\[e2e\] 0:/);
    await page.keyboard.press('Control+b');
    await page.keyboard.type('%');
    await expect.poll(() => screenText(page)).toMatch(/│/);
    await typeLine(page, 'tmux -L e2e kill-server');
    await expect.poll(() => screenText(page)).toMatch(/server exited|exited/);
  });

  await test.step('dialog, answered with cursor keys and Enter', async () => {
    await typeLine(page, "clear; dialog --yesno 'Stop the press?' 7 40; echo answer $?");
    await expect.poll(() => screenText(page)).toMatch(/┌─+┐[^]*Stop the press\?/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => screenText(page)).toMatch(/^answer 1$/m);
  });
});

test('programs may hold back a screen until it is complete', async ({ page }) => {
  // DECRQM of mode 2026 (synchronized output): 2 is known and not set, 0 would be unknown.
  const ask = String.raw`printf '\033[?2026$p'; IFS= read -rsd y reply; printf '<%q>\n' "$reply"`;
  await typeLine(page, `clear; ${ask}`);
  await expect.poll(() => screenText(page)).toMatch(/^<.*2026;2.*>$/m);
});

test('a program that enables mouse reporting gets clicks and function keys', async ({ page }) => {
  await typeLine(page, "clear; printf '\\e[?1000h\\e[?1006h'; echo rea''dy; cat -v");
  await expect.poll(() => screenText(page)).toBe('ready');
  await page.locator('.xterm-screen').click({ position: { x: 5, y: 5 } });
  await expect.poll(() => screenText(page)).toContain('^[[<0;1;1M^[[<0;1;1m');
  for (const key of ['F1', 'F5', 'F10', 'F11', 'F12']) await page.keyboard.press(key);
  await expect.poll(() => screenText(page)).toContain('^[OP^[[15~^[[21~^[[23~^[[24~');
  await page.keyboard.press('Alt+b');
  await page.keyboard.insertText('ü€漢');
  await expect.poll(() => screenText(page)).toContain('^[bü€漢');
});

test('Ctrl+C stops a flood of output, and memory stays bounded', async ({ page }) => {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const heapMb = async (): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage');
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 2 ** 20;
  };
  const before = await heapMb();
  const floods = [
    ['yes', /^(y\n){15}/m],
    ['cat /dev/urandom | base64', /^([\w+/]{76}\n){15}/m],
    ['find / 2>&1; yes', /^\/(dev|etc|lib|proc|root|sys|tmp|usr|var)\/./m],
  ] as const;
  for (const [flood, lines] of floods) {
    await typeLine(page, `clear; ${flood}`);
    // Waits for this program's own output; otherwise Ctrl+C would arrive before it starts.
    await expect.poll(() => screenText(page)).toMatch(lines);
    await expect.poll(async () => (await screenText(page)).split('\n').length).toBeGreaterThan(15);
    await page.getByRole('status').first().waitFor();
    await interrupt(page);
  }
  await typeLine(page, "clear; echo un''hurt");
  await expect.poll(() => screenText(page)).toMatch(/^unhurt$/m);
  // A scrollback of ten thousand lines takes about 20 MB.
  expect((await heapMb()) - before).toBeLessThan(80);
});
