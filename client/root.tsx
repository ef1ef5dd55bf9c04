import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type ReactNode, useEffect } from "react";
import { App, type Phase } from "./app.tsx";
import { changeLanguage } from "./i18n/i18n.ts";
import { usePreferences } from "./ui/preferences.ts";
import { theme } from "./ui/theme.ts";

const colourScheme = localStorageColorSchemeManager({ key: "youbei.colour-scheme" });

/** What every screen stands in: look, language, size of text. */
export function Root({ phase }: { phase: Phase }): ReactNode {
  const { language, textSize } = usePreferences();
  useEffect(() => changeLanguage(language), [language]);
  useEffect(() => {
    document.documentElement.dataset["text"] = textSize;
  }, [textSize]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colourScheme}>
      <Notifications position="top-center" limit={3} autoClose={6000} />
      <App phase={phase} />
    </MantineProvider>
  );
}
