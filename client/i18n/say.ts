export type Language = "zh" | "en";

/** One thing in both languages, beside each other so that neither is forgotten. */
export type Saying = Readonly<Record<Language, string>>;

export interface Sayings {
  readonly [key: string]: Saying | Sayings;
}

export const say = (zh: string, en: string): Saying => ({ zh, en });

/** The same tree with one language's text at its leaves. */
export type Spoken<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends Saying ? string : Spoken<Tree[Key]>;
};

export function speak<Tree extends object>(tree: Tree, language: Language): Spoken<Tree> {
  const spoken = Object.entries(tree).map(([key, value]) => [
    key,
    isSaying(value) ? value[language] : speak(value as object, language),
  ]);
  return Object.fromEntries(spoken) as Spoken<Tree>;
}

const isSaying = (value: unknown): value is Saying =>
  typeof (value as Saying).zh === "string" && typeof (value as Saying).en === "string";
