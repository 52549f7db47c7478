import { matchProposal, YAMUX_PROPOSAL } from './negotiation';

it('is the header of multistream-select and the name of yamux', () => {
  expect(YAMUX_PROPOSAL.toString('latin1')).toBe('\x13/multistream/1.0.0\n\x0d/yamux/1.0.0\n');
});

it('distinguishes the proposal from its beginning and from anything else', () => {
  for (let length = 0; length < YAMUX_PROPOSAL.length; length += 1) {
    expect(matchProposal(YAMUX_PROPOSAL.subarray(0, length))).toBe('part');
    const wrong = Buffer.from(YAMUX_PROPOSAL.subarray(0, length + 1));
    wrong[length]! ^= 1;
    expect(matchProposal(wrong)).toBe('other');
  }
  expect(matchProposal(YAMUX_PROPOSAL)).toBe('whole');
  expect(matchProposal(Buffer.concat([YAMUX_PROPOSAL, Buffer.from('more')]))).toBe('whole');
  expect(matchProposal(Buffer.from('\x13/multistream/1.0.0\n\x0c/mplex/6.7.0\n'))).toBe('other');
});
