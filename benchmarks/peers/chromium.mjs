// Draws the cards that standard input describes in a page of headless Chromium, as Puppeteer sets it up, again and again,
// and tells the CPU time it took: the browser's, and that of this process, which drives it.

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import puppeteer from 'puppeteer-core'

const HERTZ = 100 // clock ticks a second in /proc/PID/stat on Linux
const { cards, fonts, turns, program } = await json(process.stdin)

const faces = fonts.map(({ name, path }) =>
  `@font-face { font-family: ${name}; src: url(data:font/ttf;base64,${readFileSync(path, 'base64')}) }`).join('')

function css(style) {
  const named = name => name.replace(/[A-Z]/g, sign => '-' + sign.toLowerCase())
  return Object.entries(style).map(([name, value]) => `${named(name)}: ${value}`).join('; ')
}

function html({ elements }) {
  const body = elements.map(({ style, text, src }) =>
    src ? `<img src="${src}" style="${css(style)}">` : `<div style="${css(style)}">${text ?? ''}</div>`)
  return `<!DOCTYPE html><style>${faces} body { margin: 0 }</style><body>${body.join('')}`
}

// The CPU seconds so far of all processes in the browser's session, and of those they have waited for.
function browserSeconds(session) {
  let ticks = 0
  for (const id of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    let stat
    try {
      stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    } catch {
      continue // it has ended meanwhile
    }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[3]) === session) ticks += fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
  }
  return ticks / HERTZ
}

async function draw(page, card) {
  await page.setViewport({ width: card.width, height: card.height })
  await page.setContent(html(card), { waitUntil: 'load' })
  await page.evaluate(() => document.fonts.ready.then(() => true))
  return page.screenshot({ type: 'jpeg', quality: 88 })
}

const home = mkdtempSync(join(tmpdir(), 'chromium-'))
const browser = await puppeteer.launch({ executablePath: program, userDataDir: home, pipe: true, args: ['--no-sandbox'] })
const page = await browser.newPage()
const times = []
let drawn
for (let turn = 0; turn <= turns; turn++) {
  const driver = process.cpuUsage()
  const before = browserSeconds(browser.process().pid)
  for (const card of cards) drawn = await draw(page, card)
  const { user, system } = process.cpuUsage(driver)
  if (turn) times.push((user + system) / 1e6 + browserSeconds(browser.process().pid) - before)
}
await browser.close()
rmSync(home, { recursive: true, force: true })
console.log(JSON.stringify({ times, card: Buffer.from(drawn).toString('base64') }))
