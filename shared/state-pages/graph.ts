import { assert } from "../outcome/assert.ts";

/** What JSON can say. */
export type Plain = null | boolean | number | string | readonly Plain[];

/** A class whose instances are taken apart into plain parts, and put together from them again. */
export interface KeptClass {
  ofParts(parts: never): object;
  prototype: { parts(): unknown };
}

/** An object that stands in several places: it is written once, and is one object again afterwards. */
export class Shared<Value extends object = object> {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** Keys of an object, or the class whose parts these are. */
export interface Shape {
  keys: string[];
  kept?: string;
}

const [anArray, aMap, aSet, firstSeen, seenBefore, firstShape] = [0, 1, 2, 3, 4, 5];

/**
 * Writes object graphs as nested arrays that JSON takes, and reads them back: objects without their keys,
 * which stand once in a table of shapes, and maps, sets and instances of the given classes besides.
 * Properties that are `undefined` are left out. One of these for everything that shares objects.
 */
export class Graph {
  readonly #classes: ReadonlyMap<string, KeptClass>;
  readonly #names: ReadonlyMap<unknown, string>;
  readonly #shapes: Shape[];
  readonly #shapeIds = new Map<string, number>();
  readonly #idOf = new Map<object, number>();
  readonly #objects: object[] = [];

  /** @param shapes of what is to be read back */
  constructor(classes: Readonly<Record<string, KeptClass>>, shapes: Shape[] = []) {
    this.#classes = new Map(Object.entries(classes));
    this.#names = new Map(Object.entries(classes).map(([name, kept]) => [kept.prototype, name]));
    this.#shapes = shapes;
  }

  /** The table without which nothing of it can be read; whole when everything was written. */
  shapes(): readonly Shape[] {
    return this.#shapes;
  }

  write(value: unknown): Plain {
    if (value === null || typeof value !== "object") {
      assert(value !== undefined && typeof value !== "function", "what is kept can be written");
      return value as Plain;
    }
    if (Array.isArray(value)) return this.#writeAll(anArray, value);
    if (value instanceof Map) return this.#writeAll(aMap, [...value].flat());
    if (value instanceof Set) return this.#writeAll(aSet, value);
    if (value instanceof Shared) return this.#writeShared(value.value);
    const prototype: unknown = Object.getPrototypeOf(value);
    const kept = this.#names.get(prototype);
    if (kept !== undefined) {
      const parts = (value as { parts(): unknown }).parts();
      return [this.#shapeId(kept, []), this.write(parts)];
    }
    assert(
      prototype === Object.prototype || prototype === null,
      "every class that is kept is known",
    );
    return this.#writeObject(value as Record<string, unknown>);
  }

  read(plain: Plain): unknown {
    if (typeof plain !== "object" || plain === null) return plain;
    const tag = plain[0] as number;
    switch (tag) {
      case anArray:
        return this.#readArray(plain);
      case aMap:
        return this.#readMap(plain);
      case aSet:
        return new Set(this.#readArray(plain));
      case firstSeen: {
        const value = this.read(plain[1] as Plain) as object;
        this.#objects.push(value);
        return value;
      }
      case seenBefore:
        return this.#objects[plain[1] as number];
      default:
        return this.#readObject(tag, plain);
    }
  }

  #writeAll(tag: number, values: Iterable<unknown>): Plain[] {
    const plain: Plain[] = [tag];
    for (const each of values) plain.push(this.write(each));
    return plain;
  }

  /** What stands inside is met first, and has the smaller number. */
  #writeShared(value: object): Plain {
    const known = this.#idOf.get(value);
    if (known !== undefined) return [seenBefore, known];
    const plain = this.write(value);
    this.#idOf.set(value, this.#idOf.size);
    return [firstSeen, plain];
  }

  #writeObject(value: Record<string, unknown>): Plain {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    return [this.#shapeId("", keys), ...keys.map((key) => this.write(value[key]))];
  }

  #shapeId(kept: string, keys: string[]): number {
    const name = keys.length === 0 ? `${kept}!` : JSON.stringify(keys);
    const known = this.#shapeIds.get(name);
    if (known !== undefined) return known;
    const id = firstShape + this.#shapes.length;
    this.#shapes.push(kept === "" ? { keys } : { keys, kept });
    this.#shapeIds.set(name, id);
    return id;
  }

  #readArray(plain: readonly Plain[]): unknown[] {
    const values = new Array<unknown>(plain.length - 1);
    for (let at = 1; at < plain.length; at++) values[at - 1] = this.read(plain[at] as Plain);
    return values;
  }

  #readMap(plain: readonly Plain[]): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let at = 1; at < plain.length; at += 2)
      map.set(this.read(plain[at] as Plain), this.read(plain[at + 1] as Plain));
    return map;
  }

  #readObject(tag: number, plain: readonly Plain[]): object {
    const shape = this.#shapes[tag - firstShape];
    assert(shape, "the table has every shape");
    if (shape.kept !== undefined) {
      const made = this.#classes.get(shape.kept);
      assert(made, "every class that was kept is known");
      return made.ofParts(this.read(plain[1] as Plain) as never);
    }
    const { keys } = shape;
    const object: Record<string, unknown> = {};
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      const value = this.read(plain[at + 1] as Plain);
      if (key === "__proto__")
        Object.defineProperty(object, key, { value, enumerable: true, writable: true });
      else object[key] = value;
    }
    return object;
  }
}
