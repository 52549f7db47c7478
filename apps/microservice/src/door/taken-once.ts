/** Gives what it holds to the first who asks, and holds it no longer. */
export type TakenOnce<Held> = () => Held;

/** For what is handed to somebody who remembers it: Nest does with all that the last caller had. */
export function takenOnce<Held>(held: Held): TakenOnce<Held> {
  let left: { readonly held: Held } | undefined = { held };
  return () => {
    if (!left) throw new Error('It has been taken before');
    const { held: taken } = left;
    left = undefined;
    return taken;
  };
}
