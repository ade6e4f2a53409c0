// The rules that a page keeps at the present size, medium and colours: what it breaks, as a list of sentences.
(() => {
  const faults = [];
  const say = (rule, element) => faults.push(`${rule}: ${(element?.outerHTML ?? '').slice(0, 140)}`);
  const all = selector => [...document.querySelectorAll(selector)];
  const isSeen = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';

  // Nothing stands beside the window.
  const room = document.scrollingElement;
  if (room.scrollWidth > innerWidth) {
    const wide = all('body *').find(e => e.getBoundingClientRect().right > innerWidth + 0.5);
    say(`horizontal scroll, ${room.scrollWidth} in ${innerWidth}`, wide);
  }
  // One subject, named; headings that go down by single steps.
  if (all('h1').length !== 1) say(`${all('h1').length} h1`);
  if (!document.title.trim()) say('no title');
  if (!document.documentElement.lang) say('no language');
  let level = 0;
  for (const heading of all('h1,h2,h3,h4,h5,h6').filter(h => !h.closest('svg'))) {
    const now = Number(heading.localName[1]);
    if (now > level + 1) say(`heading jumps from ${level} to ${now}`, heading);
    level = now;
  }
  // Every id once, every reference by id answered.
  const ids = all('[id]').map(e => e.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) say(`id ${id} twice`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for', 'headers']) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) if (!document.getElementById(id)) say(`${attribute} ${id} is nowhere`, element);
    }
  }
  for (const link of all('a[href^="#"]')) {
    if (link.hash && !document.getElementById(decodeURIComponent(link.hash.slice(1)))) say('a link to nowhere', link);
  }
  // Whatever is not text has a name, whatever can be used too.
  const named = element => {
    const by = element.getAttribute('aria-labelledby');
    const label = by ? by.split(/\s+/).map(id => document.getElementById(id)?.textContent ?? '').join('') : element.getAttribute('aria-label');
    return !!label?.trim();
  };
  for (const image of all('img')) if (!image.hasAttribute('alt')) say('a picture without a name', image);
  for (const picture of all('svg').filter(s => !s.parentElement.closest('svg'))) {
    const isHidden = picture.closest('[aria-hidden=true]');
    const title = [...picture.children].find(c => c.localName === 'title')?.textContent.trim();
    if (!isHidden && !(picture.getAttribute('role') === 'img' && (title || named(picture)))) say('a drawing without role and name', picture);
  }
  for (const one of all('a[href],button,summary')) {
    const text = one.textContent.trim() || one.querySelector('img')?.alt || one.querySelector('title')?.textContent;
    if (!text && !named(one)) say('a link without words', one);
  }
  for (const field of all('input:not([type=hidden]):not([type=submit]),select,textarea')) {
    if (!field.labels?.length && !named(field)) say('a field without a label', field);
  }
  for (const table of all('table')) if (!table.querySelector('th')) say('a table without headers', table);
  if (!document.querySelector('main')) say('no main');
  for (const target of all('nav a, button, input[type=submit]').filter(isSeen)) {
    const { height } = target.getBoundingClientRect();
    if (height < 24 - 0.01) say(`a target ${height} px high`, target);
  }

  // Every text stands out from what is behind it: WCAG 2.2, 1.4.3.
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.canvas.width = pen.canvas.height = 1;
  const seenColours = new Map();
  const colour = css => {
    if (!seenColours.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      seenColours.set(css, [r, g, b, a / 255]);
    }
    return seenColours.get(css);
  };
  const over = (top, below, opacity = 1) => {
    const a = top[3] * opacity;
    return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)).concat(1);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, two) => {
    const [less, more] = [light(one), light(two)].sort((x, y) => x - y);
    return (more + 0.05) / (less + 0.05);
  };
  // Without a colour of its own the window is white, or dark where the page says that it can be.
  const window_ = matchMedia('(prefers-color-scheme: dark)').matches && /dark/.test(getComputedStyle(document.documentElement).colorScheme + document.querySelector('meta[name=color-scheme]')?.content)
    && !matchMedia('print').matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  const behind = element => {
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(e);
    return chain.reduce((below, e) => {
      let now = over(colour(getComputedStyle(e).backgroundColor), below);
      // In a drawing, what was drawn before the text and lies under its middle.
      if (e.localName === 'svg' && e !== element) {
        const { x, y, width, height } = element.getBoundingClientRect();
        for (const shape of e.querySelectorAll('rect,circle,path,polygon')) {
          const box = shape.getBoundingClientRect();
          const isBefore = shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
          const isUnder = box.left <= x + width / 2 && x + width / 2 <= box.right && box.top <= y + height / 2 && y + height / 2 <= box.bottom;
          const style = getComputedStyle(shape);
          if (isBefore && isUnder && style.fill !== 'none') now = over(colour(style.fill), now, Number(style.fillOpacity) * Number(style.opacity));
        }
      }
      return now;
    }, window_);
  };
  const told = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !isSeen(element) || element.closest('svg title, svg desc, svg style, option')) continue;
    const box = element.getBoundingClientRect();
    if (box.right < 0 || box.bottom < -scrollY) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    const ground = behind(element);
    const ink = over(colour(element.closest('svg') ? style.fill : style.color), ground, opacity);
    const found = ratio(ink, ground);
    const key = `${style.color} ${ground.map(Math.round)}`;
    if (found < 4.5 && !told.has(key)) {
      told.add(key);
      say(`contrast ${found.toFixed(2)}`, element);
    }
  }
  return faults;
})()
