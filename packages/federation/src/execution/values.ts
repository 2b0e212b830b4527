export type DataMap = Record<string, unknown>;
export type ResponsePath = ReadonlyArray<string | number>;

export const isMap = (value: unknown): value is DataMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads an own property: a field may be named `toString` or `constructor`. */
export const own = (map: DataMap, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);
