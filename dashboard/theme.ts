import {
  ActionIcon,
  Alert,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  InputWrapper,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Tooltip,
} from '@mantine/core';

/** The accent: the green of old copper. Everything that can be pressed. */
const verdigris: MantineColorsTuple = [
  '#edf6f4',
  '#d7ebe7',
  '#aed8d0',
  '#83c4b9',
  '#61b5a8',
  '#3f9f92',
  '#1d7f73',
  '#0f7066',
  '#0b5a52',
  '#08443e',
];

/** The colour of what leaks. Data only, never decoration. */
const copper: MantineColorsTuple = [
  '#fcf2e8',
  '#f7e2cd',
  '#efc69e',
  '#e8a96f',
  '#e29350',
  '#cd7530',
  '#b4601f',
  '#934b14',
  '#743b10',
  '#562b0b',
];

/** Neutrals with a little warmth in the light, a little green in the dark. */
const gray: MantineColorsTuple = [
  '#f8f7f3',
  '#f1efe9',
  '#e7e4dc',
  '#dad6cc',
  '#c3beb2',
  '#98948a',
  '#63645d',
  '#4a4c46',
  '#31342f',
  '#1a1e1c',
];
const dark: MantineColorsTuple = [
  '#e4eae7',
  '#c4cecb',
  '#9aa8a4',
  '#6d7b77',
  '#2b3936',
  '#22302d',
  '#17201e',
  '#0f1615',
  '#0b1110',
  '#070b0a',
];

/**
 * A list of choices scrolls itself: around it, a scrolling box of its own could not be reached with the keyboard (WCAG 2.1.1), whereas
 * the list follows the choice that the arrow keys are at. Not `extend`ed: that would load these fields with the first screen.
 */
const scrollingChoices = {
  defaultProps: { withScrollArea: false },
  styles: { options: { maxHeight: 220, overflowY: 'auto' as const } },
};

export const theme = createTheme({
  // Who asks the system for less motion gets drawers and dialogs at once, without the fade.
  respectReducedMotion: true,
  colors: { verdigris, copper, gray, dark },
  primaryColor: 'verdigris',
  // White text on either has a contrast over 4.5.
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  black: '#18211f',
  fontFamily: "'Instrument Sans Variable', ui-sans-serif, system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.125rem', xl: '1.375rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  defaultRadius: 'sm',
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.25rem' },
  shadows: {
    xs: 'none',
    sm: 'none',
    md: '0 8px 24px rgb(20 30 28 / 0.10)',
    lg: '0 12px 40px rgb(20 30 28 / 0.14)',
    xl: '0 16px 56px rgb(20 30 28 / 0.18)',
  },
  headings: {
    fontWeight: '550',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.2' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' }, styles: { root: { fontWeight: 550 } } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } }),
    Alert: Alert.extend({
      defaultProps: { variant: 'light', radius: 'md' },
      styles: { root: { backgroundColor: 'var(--tt-leak-soft)' }, title: { color: 'var(--tt-leak-text)' } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 'lg',
        padding: 'lg',
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.35 },
      },
      styles: { title: { fontSize: '1.125rem', fontWeight: 550 } },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        position: 'right',
        closeButtonProps: { 'aria-label': 'Close' },
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.3 },
      },
      styles: { title: { fontSize: '1.125rem', fontWeight: 550 } },
    }),
    InputWrapper: InputWrapper.extend({ styles: { label: { marginBottom: 4 } } }),
    Autocomplete: scrollingChoices,
    MultiSelect: scrollingChoices,
    Select: scrollingChoices,
    TagsInput: scrollingChoices,
    Menu: Menu.extend({ defaultProps: { radius: 'md', shadow: 'md' } }),
    Popover: Popover.extend({ defaultProps: { radius: 'md', shadow: 'md' } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        multiline: true,
        maw: 280,
        withArrow: false,
        openDelay: 150,
        events: { hover: true, focus: true, touch: true },
      },
    }),
  },
});

/** What both schemes must answer for: page, panel, hairline, ink, accent as text, leak as text and as mark. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fbfaf7',
    '--mantine-color-text': '#18211f',
    '--mantine-color-dimmed': '#5b645f',
    '--mantine-color-placeholder': '#6b716c',
    '--mantine-color-error': '#a8321f',
    '--tt-panel': '#ffffff',
    '--tt-quiet': '#f3f1eb',
    '--tt-line': '#e6e3da',
    '--tt-accent-text': '#0b6359',
    '--tt-accent-mark': '#17796e',
    '--tt-accent-soft': '#e3f0ed',
    '--tt-leak-text': '#8d4711',
    '--tt-leak-mark': '#c56c28',
    '--tt-leak-soft': '#fbeee1',
    '--tt-compare': '#8b8f89',
  },
  dark: {
    '--mantine-color-body': '#0f1615',
    '--mantine-color-text': '#e4eae7',
    '--mantine-color-dimmed': '#9aa8a4',
    '--mantine-color-placeholder': '#8d9a96',
    '--mantine-color-error': '#f0937f',
    '--tt-panel': '#131b1a',
    '--tt-quiet': '#1a2422',
    '--tt-line': '#25312f',
    '--tt-accent-text': '#74c7ba',
    '--tt-accent-mark': '#4fae9f',
    '--tt-accent-soft': '#16302c',
    '--tt-leak-text': '#eaa86d',
    '--tt-leak-mark': '#d9853f',
    '--tt-leak-soft': '#2a2114',
    '--tt-compare': '#7e8c88',
  },
});
