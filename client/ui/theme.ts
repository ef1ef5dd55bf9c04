import { Button, createTheme, NativeSelect, Textarea, TextInput } from "@mantine/core";

/** Mantine's part of the look; paper, ink and rules are in `theme.css`. */
export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  luminanceThreshold: 0.2,
  defaultRadius: "md",
  fontFamily:
    'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { size: "lg" },
      // On paper the jade of a filled button is a shade too light for text.
      vars: (_theme, { variant }) => ({
        root: variant === "subtle" ? { "--button-color": "var(--jade-ink)" } : {},
      }),
    }),
    TextInput: TextInput.extend({ defaultProps: { size: "lg" } }),
    Textarea: Textarea.extend({ defaultProps: { size: "lg" } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: "lg" } }),
  },
});
