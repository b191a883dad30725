// Starts a Bluesky PDS and its PLC directory, and an AppView when given a PostgreSQL, on free ports of 127.0.0.1.
//
//   node start.cjs --data FOLDER [--jwt-secret TEXT] [--rate-limits] [--postgres URL]
//
// One line of JSON on stdout says that all are ready. They end with SIGTERM, or when stdin ends: with whoever started them.
'use strict'

const http = require('node:http')
const net = require('node:net')
const { randomBytes } = require('node:crypto')
const { parseArgs } = require('node:util')

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    'jwt-secret': { type: 'string', default: randomBytes(16).toString('hex') },
    'rate-limits': { type: 'boolean', default: false },
    postgres: { type: 'string' },
  },
})
Object.assign(process.env, { LOG_ENABLED: 'true', LOG_LEVEL: 'error', LOG_DESTINATION: `${options.data}/errors.json` })

// The servers listen on all interfaces, and a PDS must know its port beforehand: each gets a port that is taken already.
const taken = new Map()
const listen = http.Server.prototype.listen
http.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, taken.get(port) ?? { port, host: '127.0.0.1' }, ...rest.filter((it) => typeof it === 'function'))
}

const takePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      taken.set(server.address().port, server)
      resolve(server.address().port)
    })
  })

const startPlc = async () => {
  const plc = require('@did-plc/server')
  const port = await takePort()
  await plc.PlcServer.create({ db: plc.Database.mock(), port }).start()
  return `http://localhost:${port}`
}

const startPds = async (port, plcUrl, appview) => {
  const pds = require('@atproto/pds')
  const settings = {
    devMode: true, // plain HTTP, handles that end with .test
    hostname: 'localhost',
    port,
    dataDirectory: options.data,
    blobstoreDiskLocation: `${options.data}/blobs`,
    jwtSecret: options['jwt-secret'],
    adminPassword: randomBytes(16).toString('hex'),
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
    didPlcUrl: plcUrl,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: options['rate-limits'],
    crawlers: [],
    ...appview,
  }
  const server = await pds.PDS.create(pds.envToCfg(settings), pds.envToSecrets(settings))
  stayHere(server.ctx.idResolver, port)
  await server.start()
}

// Handles are looked up at the PDS only, never in the DNS or elsewhere.
const stayHere = (resolver, pdsPort) => {
  resolver.handle.resolve = async (handle) => {
    if (!handle.endsWith('.test')) return undefined
    const headers = { host: handle }
    const answer = await new Promise((resolve, reject) =>
      http.get({ port: pdsPort, host: '127.0.0.1', path: '/.well-known/atproto-did', headers }, resolve).on('error', reject),
    )
    const text = (await answer.toArray()).join('')
    return answer.statusCode === 200 ? text : undefined
  }
}

// The PostgreSQL of the pip package has no pg_trgm: the search indexes that want it become plain ones.
const withoutTrigrams = (query) =>
  function (sql, ...rest) {
    if (typeof sql === 'string') {
      sql = sql.replace(/^create extension .*pg_trgm.*/i, 'select 1').replace(/ using gist \((\S+) gist_trgm_ops\)/, ' ($1)')
    }
    return query.call(this, sql, ...rest)
  }

const startAppView = async (plcUrl, pdsPort) => {
  const bsky = require('@atproto/bsky')
  const { Secp256k1Keypair } = require('@atproto/crypto')
  const { Client: PlcClient } = require('@did-plc/lib')
  const postgres = require('pg').Client.prototype
  postgres.query = withoutTrigrams(postgres.query)

  const [port, dataPort, syncPort] = [await takePort(), await takePort(), await takePort()]
  const url = `http://127.0.0.1:${port}`
  const key = await Secp256k1Keypair.create()
  const did = await new PlcClient(plcUrl).createDid({
    signingKey: key.did(),
    rotationKeys: [key.did()],
    handle: 'appview.test',
    pds: url,
    signer: key,
  })
  const db = new bsky.Database({ url: options.postgres, schema: 'bsky', poolSize: 10 })
  const dataplane = await bsky.DataPlaneServer.create(db, dataPort, plcUrl)
  await bsky.MockBsync.create(db, syncPort)
  await db.migrateToLatestOrThrow()
  const config = new bsky.ServerConfig({
    port,
    publicUrl: url,
    serverDid: did,
    didPlcUrl: plcUrl,
    dataplaneUrls: [`http://localhost:${dataPort}`],
    dataplaneHttpVersion: '1.1',
    bsyncUrl: `http://localhost:${syncPort}`,
    bsyncHttpVersion: '1.1',
    modServiceDid: 'did:example:none',
    labelsFromIssuerDids: [],
    alternateAudienceDids: [],
    adminPasswords: [randomBytes(16).toString('hex')],
    etcdHosts: [],
    bigThreadUris: new Set(),
    maxThreadParents: 50,
    searchTagsHide: new Set(),
    threadTagsBumpDown: new Set(),
    threadTagsHide: new Set(),
    visibilityTagHide: '',
    visibilityTagRankPrefix: '',
    debugFieldAllowedDids: new Set(),
    draftsLimit: 0,
    disableSsrfProtection: true,
  })
  const server = bsky.BskyAppView.create({ config, signingKey: key })
  stayHere(server.ctx.idResolver, pdsPort)
  stayHere(dataplane.idResolver, pdsPort)
  await server.start()
  const follow = () => new bsky.RepoSubscription({ service: `ws://localhost:${pdsPort}`, db, idResolver: dataplane.idResolver }).start()
  return { url, did, follow }
}

const main = async () => {
  const plcUrl = await startPlc()
  const port = await takePort()
  const appview = options.postgres && (await startAppView(plcUrl, port))
  await startPds(port, plcUrl, appview && { bskyAppViewUrl: appview.url, bskyAppViewDid: appview.did })
  appview?.follow()
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, appview: appview?.url ?? '' }))
}

process.stdin.on('end', () => process.exit(0)).resume()
process.on('SIGTERM', () => process.exit(0))
main().catch((error) => {
  console.error(error)
  process.exit(1)
})
