// Entries by their ids.

interface VersionedEntry {
  readonly id: string;
  readonly version: number;
}

/** A caller that batches may ask for many. */
const idsAtATime = 200;

/** In the order asked; undefined for what there is not, what cannot be an id, and what `isSeen` says is not to be seen. */
export async function inOrder<E extends { readonly id: string }>(
  ids: readonly string[],
  {
    read,
    isId,
    isSeen,
  }: {
    readonly read: (ids: readonly string[]) => Promise<readonly E[]>;
    readonly isId: (id: string) => boolean;
    readonly isSeen: (entry: E) => boolean;
  },
): Promise<readonly (E | undefined)[]> {
  const asked = [...new Set(ids)].filter(isId);
  const found = new Map<string, E>();
  for (let from = 0; from < asked.length; from += idsAtATime) {
    for (const entry of await read(asked.slice(from, from + idsAtATime))) found.set(entry.id, entry);
  }
  return ids.map((id) => {
    const entry = found.get(id);
    return entry !== undefined && isSeen(entry) ? entry : undefined;
  });
}

/**
 * Entries as they were written. Their times are the store's; where it cannot be asked, or holds a later one by now,
 * what was built stands: a change that was made is not told as failed.
 */
export async function asWritten<E extends VersionedEntry>(
  built: readonly E[],
  read: (ids: readonly string[]) => Promise<readonly E[]>,
): Promise<readonly E[]> {
  try {
    const found = await read(built.map(({ id }) => id));
    return built.map((entry) => found.find((each) => isSameVersion(each, entry)) ?? entry);
  } catch {
    return built;
  }
}

export async function oneAsWritten<E extends VersionedEntry>(
  built: E,
  read: (ids: readonly string[]) => Promise<readonly E[]>,
): Promise<E> {
  const [entry] = await asWritten([built], read);
  return entry ?? built;
}

const isSameVersion = (one: VersionedEntry, other: VersionedEntry): boolean =>
  one.id === other.id && one.version === other.version;
