/** Letters of 5 × 7 points: a digit of base 32 for each row, whose highest bit is the left point. */
const GLYPHS: Readonly<Record<string, string>> = {
  ...{ A: 'ehhvhhh', B: 'uhhuhhu', C: 'ehggghe', D: 'uhhhhhu', E: 'vgguggv', F: 'vgguggg' },
  ...{ G: 'ehgnhhe', H: 'hhhvhhh', I: 'e44444e', J: '72222ic', K: 'hikokih', L: 'ggggggv' },
  ...{ M: 'hrllhhh', N: 'hhpljhh', O: 'ehhhhhe', P: 'uhhuggg', Q: 'ehhhlid', R: 'uhhukih' },
  ...{ S: 'fgge11u', T: 'v444444', U: 'hhhhhhe', V: 'hhhhha4', W: 'hhhllla', X: 'hha4ahh' },
  ...{ Y: 'hhha444', Z: 'v1248gv', 0: 'ehjlphe', 1: '4c4444e', 2: 'eh1248v', 3: 'v2421he' },
  ...{ 4: '26aiv22', 5: 'vgu11he', 6: '68guhhe', 7: 'v124888', 8: 'ehhehhe', 9: 'ehhf12c' },
  ...{ '+': '044v440', '-': '000v000', '.': '00000cc', '%': 'op248j3', ':': '0cc0cc0' },
};

export const PANEL_FONT = {
  width: 5,
  height: 7,
  /** Points from the start of one letter to the start of the next. */
  advance: 6,

  /** Whether a letter has a point there; characters without a letter are blank. */
  hasPoint: (character: string, column: number, row: number): boolean => {
    const bits = parseInt(GLYPHS[character]?.[row] ?? '0', 32);
    return ((bits >> (PANEL_FONT.width - 1 - column)) & 1) === 1;
  },
} as const;
