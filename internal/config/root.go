package config

import (
	"time"

	"mrsk/internal/hostname"
)

// draft is a Project while the file is read. Sections that depend on others are kept as values, and
// assemble reads them at the end.
type draft struct {
	Project
	root value

	servers, image, labels, env, logging, proxy, health, traefik value
	accessories                                                  value

	volumes            []string
	assets             Assets
	stopTimeout        *time.Duration
	order              Order
	requireDestination bool
	allowEmptyRoles    bool
	minimumVersion     string
	commands           []string // see LoadOptions

	// older tells that the file was written for MRSK or Kamal 1. olderSign is the key that shows it, if
	// any. mixed tells that the file also has a key of newer versions.
	older, mixed bool
	olderSign    value
	portGuessed  bool // the file does not name the port of a role

	roleFiles []roleFile
	named     map[hostname.Machine]string // the first name of each host
}

// defaultDeployTimeout is the default of deploy_timeout.
const defaultDeployTimeout = 30 * time.Second

// newDraft returns a draft with the defaults of all keys.
func newDraft(root value) *draft {
	d := &draft{root: root, named: map[hostname.Machine]string{}}
	d.PrimaryRole = "web"
	d.Registry.Server = ownRegistry
	d.Builder = Builder{Driver: containerDriver, Local: true, Dockerfile: "Dockerfile"}
	d.SSH = SSH{User: "root", LogLevel: "fatal"}
	d.SSHKit = SSHKit{MaxConcurrentStarts: 30, PoolIdleTimeout: 900 * time.Second, DNSRetries: 3}
	d.Boot.Barrier = BeforeStop
	d.ReadinessDelay = 7 * time.Second
	d.DeployTimeout = defaultDeployTimeout
	d.DrainTimeout = 30 * time.Second
	d.RetainContainers = 5
	d.ProxyRun = defaultProxyRun()
	return d
}

var rootSection = section[draft]{
	doc: `The keys of config/deploy.yml. With a destination (-d D), config/deploy.D.yml is merged over it: hashes are
merged key by key, everything else is replaced. If two keys have the same purpose, such as host and hosts, the
key of the destination replaces that of the base. Keys that begin with x- are ignored; use them for YAML
anchors. All durations are whole seconds.`,
	fields: []field[draft]{
		{"service", "string", "", "Name of the app: letters, digits, - and _. It is part of the names of containers, labels, routes and locks. Required.", readService},
		{"image", "string", "", "Repository of the image, without registry and tag. Required with a registry; otherwise the default is the service.", later(func(d *draft) *value { return &d.image })},
		{"servers", "array or hash", "", "The hosts: a list for the role web, or a hash of roles. Required unless there are accessories.", later(func(d *draft) *value { return &d.servers })},
		{"env", "hash", "", "Environment of all containers; see env.", later(func(d *draft) *value { return &d.env })},
		{"labels", "hash of strings", "", "Labels of all containers. The names service, role, destination and those that begin with mrsk. are reserved. The host fills in ${NAME} in a value.", later(func(d *draft) *value { return &d.labels })},
		{"volumes", "array of strings", "[]", "Volumes of all containers, in the form of docker run --volume. The host fills in ${NAME}, $HOME, $PWD and a leading ~/.", volumes(func(d *draft) *[]string { return &d.volumes })},
		{"registry", "hash", "", "Where images are pushed to and pulled from; see registry. Without the section no registry is needed: mrsk keeps images on this machine, and hosts pull them through the SSH connections.", readRegistry},
		{"builder", "hash", "", "How the image is built; see builder.", readBuilder},
		{"proxy", "hash", "", "How requests reach the containers; see proxy. The primary role is behind the proxy unless it sets proxy: false. Other roles are only with proxy: true or their own hash.", readRootProxy},
		{"ssh", "hash", "", "How to log in on the hosts; see ssh.", readSSH},
		{"sshkit", "hash", "", "Limits on connections; see sshkit.", readSSHKit},
		{"boot", "hash", "", "How a new version is rolled out; see boot.", readBoot},
		{"release", "string", "", "Command that runs once per deploy in a container of the new image, before any new container starts. Shell words.", word(func(d *draft) *string { return &d.Release })},
		{"logging", "hash", "", "Docker's logging of the containers; see logging.", later(func(d *draft) *value { return &d.logging })},
		{"primary_role", "string", "", "The main role: it is behind the proxy by default, runs the release command, and other roles wait for it as boot/barrier says. It must have hosts.", word(func(d *draft) *string { return &d.PrimaryRole })},
		{"allow_empty_roles", "boolean", "", "Accept roles without hosts, except the primary role.", boolean(func(d *draft) *bool { return &d.allowEmptyRoles })},
		{"require_destination", "boolean", "", "Refuse to run without -d.", boolean(func(d *draft) *bool { return &d.requireDestination })},
		{"minimum_version", "string", "", "Refuse to run with an older mrsk.", word(func(d *draft) *string { return &d.minimumVersion })},
		{"retain_containers", "integer", "", "How many healthy versions to keep per role and host for rollbacks, besides the current one. At least 1.", intAtLeast(1, func(d *draft) *int { return &d.RetainContainers })},
		{"readiness_delay", "integer", "", "How long a container must run to count as up, if it has neither a proxy nor a Docker health check.", seconds(0, func(d *draft) *time.Duration { return &d.ReadinessDelay })},
		{"deploy_timeout", "integer", "", "How long a new container may take to become healthy.", seconds(1, func(d *draft) *time.Duration { return &d.DeployTimeout })},
		{"drain_timeout", "integer", "", "How long to wait for requests in flight on an old container. For roles without a proxy, how long docker stop waits.", seconds(0, func(d *draft) *time.Duration { return &d.DrainTimeout })},
		{"stop_timeout", "integer", "10 with proxy, else drain_timeout", "How long docker stop waits before it kills. In a file of MRSK or Kamal 1 the default is always 10.", readRootStopTimeout},
		{"hooks_path", "string", "", "Folder of the hooks.", word(func(d *draft) *string { return &d.HooksPath })},
		{"secrets_path", "string", "", "Path of the secrets files: <path>-common, then <path>, or <path>.<destination> with a destination.", word(func(d *draft) *string { return &d.SecretsPath })},
		{"run_directory", "string", "", "Accepted and ignored, as in Kamal 2.", readIgnoredText},
		{"aliases", "hash of strings", "", "Your own commands: a name (lower case letters, digits, - and _) and its command line without mrsk, as shell words. Arguments after the name are appended, and options override those of the alias.", readAliases},
		{"hooks_output", "string or hash", "", "What to show of hooks that succeed: verbose also shows their output, quiet shows nothing. One value for all hooks, or a hash with a value for each. -v shows everything, -q nothing.", readHooksOutput},
		{"output", "hash", "", "Where to record commands; see output.", readOutput},
		{"accessories", "hash", "", "Services that the app needs, by name; see accessories/<name>.", later(func(d *draft) *value { return &d.accessories })},
		{"asset_path", "string", "", "Folder in the containers with assets, with mount options after a colon: /app/public/assets:ro. While two versions run, each has the assets of both. Only for roles behind the proxy.", readAssetPath(func(d *draft) *Assets { return &d.assets })},
		{"error_pages_path", "string", "", "Folder of the project with your own error pages. 503.html is shown during maintenance, with the message in place of {{ .Message }}. 502.html, 504.html and, with proxy/buffering, 413.html are shown if the app is down, too slow, or gets a body that is too large. Only requests that accept text/html get these three, also in place of the app's own answer with that status.", readErrorPagesPath},
		{"healthcheck", "hash", "", "Deprecated, of MRSK and Kamal 1; see healthcheck. Use proxy/healthcheck and proxy/app_port.", later(func(d *draft) *value { return &d.health })},
		{"traefik", "hash", "", "Deprecated, of MRSK and Kamal 1; see traefik. Use proxy/run.", later(func(d *draft) *value { return &d.traefik })},
		{"stop_wait_time", "integer", "", "Deprecated, of MRSK and Kamal 1. Use stop_timeout.", olderKey("write stop_timeout", readRootStopTimeout)},
		{"primary_web_role", "string", "", "Deprecated, of Kamal 1. Use primary_role.", olderKey("write primary_role", word(func(d *draft) *string { return &d.PrimaryRole }))},
		{"ssh_user", "string", "", "Deprecated, of old MRSK. Use ssh/user.", olderKey("write ssh: {user: …}", func(v value, d *draft) { readUser(v, &d.SSH) })},
		{"audit_broadcast_cmd", "string", "", "Unsupported, of old MRSK. Use hooks.", refuseBroadcast},
	},
}

func readService(v value, d *draft) {
	name, ok := v.text()
	if ok && !IsName(name) {
		v.problem("%q should consist of letters, digits, - and _, and begin with a letter or a digit", name)
	}
	d.Service = name
}

func readRootStopTimeout(v value, d *draft) {
	if t, ok := v.seconds(0); ok {
		d.stopTimeout = &t
	}
}

func readIgnoredText(v value, _ *draft) { v.text() }

func refuseBroadcast(v value, _ *draft) {
	v.advise("write the script .mrsk/hooks/post-deploy instead: it finds the event in MRSK_* variables",
		"is not supported: hooks replace it")
}
