// What takes long and is asked again and again. Pure.

/** The same function, which does its work once for each object and then knows what came of it. */
export function once<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { made: V }>();
  return (key) => {
    let entry = known.get(key);
    if (!entry) {
      entry = { made: make(key) };
      known.set(key, entry);
    }
    return entry.made;
  };
}
