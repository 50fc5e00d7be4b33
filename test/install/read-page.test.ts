import { expect, test } from 'vitest';
import { readPage } from '../../collector/install/read-page.ts';
import { readTags } from '../../collector/install/read-tags.ts';

const salon = new URL('https://salon.example/contact');
const read = (html: string) => readPage(html, salon);
const tag = '<script defer src="https://stats.example/t/a1b2c3d4e5.js"></script>';

test('page: the tag is found with its site, where it loads from and where it sends to', () => {
  const { tags } = read(`<!doctype html><html><head>${tag}</head>`);
  expect(tags.map(({ site, src, endpoint }) => [site, src.href, endpoint.href])).toEqual([
    ['a1b2c3d4e5', 'https://stats.example/t/a1b2c3d4e5.js', 'https://stats.example/e'],
  ]);
});

test('page: a tag under a path of the own site sends under that path, and data-host wins', () => {
  const { tags } = read(
    '<script src=/assets/tt/t/a1b2c3d4e5.js></script><script data-host="stats.example/x/" src="/t/a1b2c3d4e5.js"></script>',
  );
  expect(tags.map(({ endpoint }) => endpoint.href)).toEqual([
    'https://salon.example/assets/tt/e',
    'https://stats.example/x/e',
  ]);
});

test('page: a pinned tag names its site in an attribute', () => {
  const pinned =
    '<script src="https://stats.example/t/v/0123456789abcdef.js" data-site="a1b2c3d4e5" integrity="sha384-x"></script>';
  expect(read(pinned).tags.map(({ site, endpoint }) => [site, endpoint.href])).toEqual([
    ['a1b2c3d4e5', 'https://stats.example/e'],
  ]);
});

test.each([
  ['in a comment', `<!-- ${tag} -->`],
  ['in a template', `<template>${tag}</template>`],
  ['in a script as text', `<script>document.write('${tag.replace('</script>', '')}')</script>`],
  ['in an attribute', `<p title='${tag}'>`],
  ['in noscript', `<noscript>${tag}</noscript>`],
])('page: a tag %s is none', (_, html) => {
  expect(read(html).tags).toEqual([]);
});

test('page: forms are found with the names that the tracker gives them, without searching and signing in', () => {
  const { forms } = read(`
    <form action="/search" role="search"><input name="q"></form>
    <form id="login"><input name="user"><input type="password"></form>
    <form data-tt-form="Quote" id="f1"><input name="name"><input type="email"><textarea></textarea><input type="hidden"><input type="submit"></form>
    <form><select name="day"></select></form>
    <form id="f1" name=Newsletter><input name=e-mail></form>
    <form></form>`);
  expect(forms).toEqual([
    { name: 'Quote', isNamed: true, fields: 3, asksForEmail: true },
    { name: 'form', isNamed: false, fields: 1, asksForEmail: false },
    { name: 'Newsletter', isNamed: true, fields: 1, asksForEmail: true },
  ]);
});

test.each([
  ['a frame', '<iframe src="https://calendly.com/anna/hour"></iframe>', 'Calendly'],
  ['a script', '<script src="//assets.calendly.com/assets/external/widget.js" async></script>', 'Calendly'],
  ['a script of the page', '<script>Cal("init", {origin:"https://app.cal.com"})</script>', 'Cal.com'],
  ['a link', '<a href="https://www.treatwell.de/ort/salon/">Book</a>', 'Treatwell'],
  ['a lazy frame', '<iframe data-src="https://salon.simplybook.it/v2/"></iframe>', 'SimplyBook.me'],
  ['a form that posts elsewhere', '<form action="https://x.list-manage.com/subscribe"><input></form>', 'Mailchimp'],
])('page: a widget is known by %s', (_, html, name) => {
  expect(read(html).widgets.map((widget) => widget.name)).toEqual([name]);
});

test('page: a link to a chat or to a host that only sounds alike is no widget', () => {
  expect(read('<a href="https://tawk.to/x">x</a><iframe src="https://notcalendly.com/"></iframe>').widgets).toEqual([]);
});

test('page: links by phone, mail and messenger are counted', () => {
  const links = [
    'tel:+49 30 1',
    'mailto:a@salon.example',
    'https://wa.me/4930',
    '/contact',
    'https://example.com/wa.me/',
  ];
  expect(read(links.map((href) => `<a href="${href}">x</a>`).join('')).contacts).toBe(3);
});

test('page: a tag manager and policies in meta are seen', () => {
  const { hasTagManager, policies } = read(
    `<meta http-equiv="Content-Security-Policy" content="script-src 'self'"><script>(function(w){j.src='https://www.googletagmanager.com/gtm.js?id='+i})(window)</script>`,
  );
  expect([hasTagManager, policies]).toEqual([true, ["script-src 'self'"]]);
});

test.each([
  ['tags that never end', '<a "'.repeat(250_000)],
  ['comments that never end', '<!--'.repeat(250_000)],
  ['opening scripts only', '<script>'.repeat(120_000)],
  ['brackets only', '<'.repeat(1_000_000)],
  ['equals signs', `<a ${'= '.repeat(500_000)}`],
])('page: a megabyte of %s takes less than a second', (_, html) => {
  const started = performance.now();
  readTags(html);
  expect(performance.now() - started).toBeLessThan(1_000);
});
