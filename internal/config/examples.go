package config

// examples has an example of config/deploy.yml for each section of the reference. A test loads them.
var examples = map[string]string{
	"": `
service: shop
image: acme/shop
servers:
  web: [192.0.2.10, 192.0.2.11]
  worker:
    hosts: [192.0.2.12]
    cmd: bin/worker
registry:
  server: registry.example.com
  username: acme
  password: [REGISTRY_PASSWORD]
builder:
  arch: amd64
proxy:
  host: shop.example.com
  app_port: 3000
env:
  clear:
    DB_HOST: 192.0.2.20
  secret: [DB_PASSWORD]
retain_containers: 3
aliases:
  console: app exec -i --reuse "bin/rails console"
`,
	"servers/<role>": `
servers:
  web:
    - 192.0.2.10
    - 192.0.2.11
  worker:
    hosts:
      - 192.0.2.12: nightly   # with the tag nightly
    cmd: bin/worker --queue mail
    options:
      memory: 512m
      restart: always
    env:
      clear:
        QUEUE: mail
`,
	"env": `
servers:
  web: [192.0.2.10, 192.0.2.11: canary]
env:
  clear:
    DB_HOST: 192.0.2.20
    DATA_CENTER: ${DC:-eu}      # filled in by the host
  secret:
    - DB_PASSWORD
    - MAIL_KEY:SHOP_MAIL_KEY    # SHOP_MAIL_KEY in the secrets files
  tags:
    canary:
      LOG_LEVEL: debug
`,
	"registry": `
registry:
  server: registry.example.com
  username: acme
  password: [REGISTRY_PASSWORD]   # a name in .mrsk/secrets
`,
	"builder": `
builder:
  arch: [amd64, arm64]
  dockerfile: docker/Dockerfile
  target: production
  args:
    RUBY_VERSION: 3.4.1
  secrets: [GITHUB_TOKEN]
`,
	"builder/cache": `
builder:
  cache:
    type: registry
    image: acme/shop-build-cache
    options: mode=max
`,
	"builder/pack": `
builder:
  pack:
    builder: heroku/builder:24
    buildpacks: [heroku/ruby, heroku/procfile]
`,
	"proxy": `
proxy:
  hosts: [shop.example.com, www.shop.example.com]
  app_port: 3000
  ssl: true
  response_timeout: 60
`,
	"proxy/healthcheck": `
proxy:
  healthcheck:
    path: /healthz
    interval: 2
    timeout: 3
`,
	"proxy/ssl": `
proxy:
  host: shop.example.com
  ssl:
    certificate_pem: SHOP_CERTIFICATE   # names in .mrsk/secrets
    private_key_pem: SHOP_PRIVATE_KEY
`,
	"proxy/buffering": `
proxy:
  buffering:
    max_request_body: 52428800   # 50 MiB
`,
	"proxy/logging": `
proxy:
  logging:
    request_headers: [User-Agent, X-Request-Id]
    response_headers: [Content-Type]
`,
	"proxy/run": `
proxy:
  run:
    http_port: 8080
    bind_ips: [192.0.2.10]
    log_max_size: 50m
    args:
      entrypoints.http.http2.maxconcurrentstreams: 250
`,
	"proxy/run/acme": `
proxy:
  host: "*.shop.example.com"
  ssl: true
  run:
    acme:
      email: ops@example.com
      dns: route53
      env:
        secret: [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]
`,
	"output": `
output:
  file:
    path: log/deploys
  otel:
    endpoint: http://otel.example.com:4318
`,
	"output/file": `
output:
  file:
    path: log/deploys
`,
	"output/otel": `
output:
  otel:
    endpoint: http://otel.example.com:4318
`,
	"ssh": `
ssh:
  user: deploy
  port: 2222
  proxy: jump@bastion.example.com
  keys: [~/.ssh/deploy.pub]
`,
	"sshkit": `
sshkit:
  max_concurrent_starts: 10
  dns_retries: 5
`,
	"boot": `
boot:
  limit: 25%
  wait: 10
  barrier: before_start
`,
	"logging": `
logging:
  driver: json-file
  options:
    max-size: 100m
    max-file: "3"
`,
	"accessories/<name>": `
accessories:
  db:
    image: mysql:8.0
    host: 192.0.2.20
    port: 127.0.0.1:3306:3306
    env:
      secret: [MYSQL_ROOT_PASSWORD]
    files:
      - config/my.cnf:/etc/mysql/my.cnf:ro
    directories:
      - data:/var/lib/mysql
`,
	"accessories/<name>/files": `
accessories:
  db:
    image: mysql:8.0
    host: 192.0.2.20
    files:
      - local: config/my.cnf
        remote: /etc/mysql/my.cnf
        mode: "644"
        owner: mysql:mysql
        options: ro
`,
	"healthcheck": `
healthcheck:
  path: /up
  port: 3000
`,
	"traefik": `
traefik:
  host_port: 8080
  args:
    accesslog: true
`,
}
