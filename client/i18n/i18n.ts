import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { preferences } from "../ui/preferences.ts";
import { safety } from "./safety.ts";
import { type Language, type Spoken, speak } from "./say.ts";
import { sayings } from "./sayings.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: Spoken<typeof sayings>; safety: Spoken<typeof safety> };
  }
}

/** Chinese first, English second; React escapes, so i18next must not. */
export async function startSpeaking(): Promise<void> {
  const { language } = preferences();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh",
    resources: {
      zh: { translation: speak(sayings, "zh"), safety: speak(safety, "zh") },
      en: { translation: speak(sayings, "en"), safety: speak(safety, "en") },
    },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  showLanguage(language);
}

export function changeLanguage(language: Language): void {
  showLanguage(language);
  if (i18next.language !== language) void i18next.changeLanguage(language);
}

function showLanguage(language: Language): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
