// Vectors by tenant and scope, as many as there may be. A search sees one scope alone.

import type { Clock } from "../../clock.ts";
import { unitVector } from "./unit-vector.ts";
import { VectorRows } from "./vector-rows.ts";

export interface VectorPlace {
  readonly tenantId: string;
  /** A digest of all that must be equal. */
  readonly scope: string;
}

export interface AddedVector {
  readonly place: VectorPlace;
  readonly id: string;
  readonly vector: ArrayLike<number>;
  /** On the wall clock. */
  readonly expiresAtMs: number;
}

export interface NearVector {
  readonly id: string;
  readonly similarity: number;
}

export interface VectorIndex {
  /** The nearest first; none for a vector that cannot be compared. `atLeast` is more than 0. */
  nearest(
    place: VectorPlace,
    vector: ArrayLike<number>,
    wanted: { readonly count: number; readonly atLeast: number },
  ): readonly NearVector[];
  /**
   * In place of one with its id. Gives the ids that had to go for it; undefined: it is refused, as it has expired, has
   * no direction, or another dimension than its scope.
   */
  add(added: AddedVector): readonly string[] | undefined;
  /** It goes later than those that were not used since. */
  touch(id: string): void;
  remove(id: string): void;
  readonly size: number;
}

export interface VectorIndexOptions {
  readonly maxEntries: number;
  /** Of values; what it takes is at most twice as much. */
  readonly maxBytes: number;
  /** Of either: while all is full, a tenant that has more of it gives way to one that has less. */
  readonly tenantShare: number;
  readonly clock: Clock;
}

interface Scope {
  readonly rows: VectorRows;
  readonly entries: Entry[];
}

interface Tenant {
  readonly scopes: Map<string, Scope>;
  /** Those that were used last at the end. */
  readonly entries: Map<string, Entry>;
  bytes: number;
}

interface Entry {
  readonly id: string;
  readonly place: VectorPlace;
  readonly scope: Scope;
  readonly tenant: Tenant;
  readonly expiresAtMs: number;
  row: number;
}

/** So many of the least used are looked at with each addition, to let go of the expired. */
const sweptEach = 4;

export const createVectorIndex = (options: VectorIndexOptions): VectorIndex => new Index(options);

class Index implements VectorIndex {
  readonly #options: VectorIndexOptions;
  readonly #tenants = new Map<string, Tenant>();
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(options: VectorIndexOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  nearest(
    { tenantId, scope }: VectorPlace,
    vector: ArrayLike<number>,
    wanted: { readonly count: number; readonly atLeast: number },
  ): readonly NearVector[] {
    const found = this.#tenants.get(tenantId)?.scopes.get(scope);
    if (found?.rows.dimensions !== vector.length) return [];
    const unit = unitVector(vector);
    if (unit === undefined) return [];
    const near = found.rows.nearest(unit, { ...wanted, nowMs: this.#options.clock.epochMs() });
    return near.flatMap(({ row, similarity }) => {
      const entry = found.entries[row];
      return entry === undefined ? [] : [{ id: entry.id, similarity }];
    });
  }

  add({ place, id, vector, expiresAtMs }: AddedVector): readonly string[] | undefined {
    const unit = unitVector(vector);
    const bytes = vector.length * Float32Array.BYTES_PER_ELEMENT;
    if (unit === undefined || bytes > this.#options.maxBytes) return undefined;
    if (expiresAtMs <= this.#options.clock.epochMs()) return undefined;
    const known = this.#tenants.get(place.tenantId)?.scopes.get(place.scope);
    if (known !== undefined && known.rows.dimensions !== unit.length) return undefined;
    this.remove(id);
    const gone = [...this.#sweep(), ...this.#makeRoom(place.tenantId, bytes)];
    const tenant = this.#tenant(place.tenantId);
    const scope = tenant.scopes.get(place.scope) ?? { rows: new VectorRows(unit.length), entries: [] };
    tenant.scopes.set(place.scope, scope);
    const entry = { id, place, scope, tenant, expiresAtMs, row: scope.rows.add(unit, expiresAtMs) };
    scope.entries.push(entry);
    tenant.entries.set(id, entry);
    this.#entries.set(id, entry);
    tenant.bytes += bytes;
    this.#bytes += bytes;
    return gone;
  }

  touch(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    for (const entries of [this.#entries, entry.tenant.entries]) {
      entries.delete(id);
      entries.set(id, entry);
    }
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { scope, tenant, place } = entry;
    this.#entries.delete(id);
    tenant.entries.delete(id);
    const bytes = scope.rows.dimensions * Float32Array.BYTES_PER_ELEMENT;
    tenant.bytes -= bytes;
    this.#bytes -= bytes;
    scope.rows.removeAt(entry.row);
    const last = scope.entries.pop();
    if (last !== undefined && last !== entry) {
      last.row = entry.row;
      scope.entries[entry.row] = last;
    }
    if (scope.entries.length === 0) tenant.scopes.delete(place.scope);
    if (tenant.entries.size === 0) this.#tenants.delete(place.tenantId);
  }

  #tenant(tenantId: string): Tenant {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const tenant: Tenant = { scopes: new Map(), entries: new Map(), bytes: 0 };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }

  #sweep(): readonly string[] {
    const nowMs = this.#options.clock.epochMs();
    const expired: string[] = [];
    let looked = 0;
    for (const { id, expiresAtMs } of this.#entries.values()) {
      if (expiresAtMs <= nowMs) expired.push(id);
      looked += 1;
      if (looked === sweptEach) break;
    }
    for (const id of expired) this.remove(id);
    return expired;
  }

  #makeRoom(tenantId: string, bytes: number): readonly string[] {
    const { maxEntries, maxBytes } = this.#options;
    const gone: string[] = [];
    while (this.#entries.size >= maxEntries || this.#bytes + bytes > maxBytes) {
      const id = this.#leastUsed(tenantId);
      if (id === undefined) break;
      this.remove(id);
      gone.push(id);
    }
    return gone;
  }

  #leastUsed(tenantId: string): string | undefined {
    const own = this.#tenants.get(tenantId);
    const greedy =
      own !== undefined && this.#shareOf(own) >= this.#options.tenantShare ? own : this.#greediest();
    const from = this.#shareOf(greedy) >= this.#options.tenantShare ? greedy?.entries : this.#entries;
    return from?.keys().next().value;
  }

  #greediest(): Tenant | undefined {
    let greediest: Tenant | undefined;
    for (const tenant of this.#tenants.values()) {
      if (this.#shareOf(tenant) > this.#shareOf(greediest)) greediest = tenant;
    }
    return greediest;
  }

  #shareOf(tenant: Tenant | undefined): number {
    if (tenant === undefined) return 0;
    const { maxEntries, maxBytes } = this.#options;
    return Math.max(tenant.entries.size / maxEntries, tenant.bytes / maxBytes);
  }
}
