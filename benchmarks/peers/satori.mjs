// Draws the cards that standard input describes with satori and resvg, again and again, and tells the CPU time it took.

import { readFileSync } from 'node:fs'
import { json } from 'node:stream/consumers'
import { Resvg } from '@resvg/resvg-js'
import satori from 'satori'

const { cards, fonts, turns } = await json(process.stdin)
const loaded = fonts.map(({ path, ...font }) => ({ ...font, data: readFileSync(path) }))

async function draw({ width, height, elements }) {
  const children = elements.map(({ style, text, src }) =>
    src ? { type: 'img', props: { src, width: parseFloat(style.width), height: parseFloat(style.height), style } }
        : { type: 'div', props: { style: { display: 'flex', ...style }, children: text } })
  const root = { type: 'div', props: { style: { display: 'flex', width: '100%', height: '100%' }, children } }
  const svg = await satori(root, { width, height, fonts: loaded })
  return new Resvg(svg).render().asPng()
}

const times = []
let first
for (let turn = 0; turn <= turns; turn++) {
  const before = process.cpuUsage()
  const drawn = []
  for (const card of cards) drawn.push(await draw(card))
  const used = process.cpuUsage(before)
  if (turn) times.push((used.user + used.system) / 1e6)
  first ??= drawn[0]
}
console.log(JSON.stringify({ times, card: first.toString('base64') }))
