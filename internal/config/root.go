package config

import (
	"time"
)

// draft is the file as it is read: what needs nothing else is in Project already, the rest waits
// until the whole is known.
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

	// older is set for a file of MRSK or Kamal 1, olderSign is the key that tells, if one does, and
	// mixed is set where another tells the contrary.
	older, mixed bool
	olderSign    value
	portGuessed  bool // nothing in the file names the port of a role

	roleFiles []roleFile
}

// newDraft is what an empty file says.
func newDraft(root value) *draft {
	d := &draft{root: root}
	d.PrimaryRole = "web"
	d.Registry.Server = ownRegistry
	d.Builder = Builder{Driver: ownBuilder, Local: true, Dockerfile: "Dockerfile"}
	d.SSH = SSH{User: "root", LogLevel: "fatal"}
	d.SSHKit = SSHKit{MaxConcurrentStarts: 30, PoolIdleTimeout: 900 * time.Second, DNSRetries: 3}
	d.Boot.Barrier = BeforeStop
	d.ReadinessDelay = 7 * time.Second
	d.DeployTimeout = 30 * time.Second
	d.DrainTimeout = 30 * time.Second
	d.RetainContainers = 5
	d.ProxyRun = defaultProxyRun()
	return d
}

var rootSection = section[draft]{
	doc: `The keys of config/deploy.yml. With a destination (-d D), config/deploy.D.yml is laid over it: hashes are
merged key by key, everything else is replaced. Where two keys are two ways to say one thing, such as host and hosts,
the destination's replaces the base's. Keys that begin with x- are yours: they are ignored, and serve to hold
anchors. All durations are whole seconds.`,
	fields: []field[draft]{
		{"service", "string", "", "Name of the app: letters, digits, - and _. Containers, labels, routes and locks are named after it. Required.", readService},
		{"image", "string", "", "Repository of the image, without registry and tag. Required where images go to a registry; otherwise it is the service.", later(func(d *draft) *value { return &d.image })},
		{"servers", "array or hash", "", "The hosts: a list for the role web alone, or a hash of roles. Required, unless there are accessories.", later(func(d *draft) *value { return &d.servers })},
		{"env", "hash", "", "Environment of all containers; see env.", later(func(d *draft) *value { return &d.env })},
		{"labels", "hash of strings", "", "Labels of all containers. service, role, destination and names that begin with mrsk. are taken. ${NAME} in a value is filled in by the host.", later(func(d *draft) *value { return &d.labels })},
		{"volumes", "array of strings", "[]", "Volumes of all containers, as docker run --volume takes them. ${NAME}, $HOME, $PWD and a ~/ at the beginning are filled in by the host.", volumes(func(d *draft) *[]string { return &d.volumes })},
		{"registry", "hash", "", "Where images are pushed to and pulled from; see registry. Without the section no registry is needed: mrsk keeps the images on this machine, and the hosts pull them through the SSH connections.", readRegistry},
		{"builder", "hash", "", "How the image is built; see builder.", readBuilder},
		{"proxy", "hash", "", "How requests reach the containers; see proxy. The primary role is behind the proxy unless it says proxy: false, other roles only with proxy: true or a hash of their own.", readRootProxy},
		{"ssh", "hash", "", "How to log in on the hosts; see ssh.", readSSH},
		{"sshkit", "hash", "", "Limits on connections; see sshkit.", readSSHKit},
		{"boot", "hash", "", "How a new version is rolled out; see boot.", readBoot},
		{"release", "string", "", "Command that runs once per deploy in a container of the new image, before any new version serves. Shell words.", word(func(d *draft) *string { return &d.Release })},
		{"logging", "hash", "", "Docker's logging of the containers; see logging.", later(func(d *draft) *value { return &d.logging })},
		{"primary_role", "string", "", "Role whose health decides a deploy. It must have hosts.", word(func(d *draft) *string { return &d.PrimaryRole })},
		{"allow_empty_roles", "boolean", "", "Accept roles, other than the primary, without hosts.", boolean(func(d *draft) *bool { return &d.allowEmptyRoles })},
		{"require_destination", "boolean", "", "Refuse to work without -d.", boolean(func(d *draft) *bool { return &d.requireDestination })},
		{"minimum_version", "string", "", "Refuse to work with an older mrsk.", word(func(d *draft) *string { return &d.minimumVersion })},
		{"retain_containers", "integer", "", "How many healthy versions stay on a host besides the current one, per role, for rollbacks. At least 1.", whole(1, func(d *draft) *int { return &d.RetainContainers })},
		{"readiness_delay", "integer", "", "How long a container without proxy and without a Docker health check must have been running to count as up. 0 is not at all.", seconds(0, func(d *draft) *time.Duration { return &d.ReadinessDelay })},
		{"deploy_timeout", "integer", "", "How long a new container may take until it is healthy.", seconds(1, func(d *draft) *time.Duration { return &d.DeployTimeout })},
		{"drain_timeout", "integer", "", "How long requests in flight may take to end on an old container; for roles without proxy, how long docker stop waits.", seconds(0, func(d *draft) *time.Duration { return &d.DrainTimeout })},
		{"stop_timeout", "integer", "10 with proxy, else drain_timeout", "How long docker stop waits before it kills. In a file of MRSK or Kamal 1 the default is 10 for all.", readRootStopTimeout},
		{"hooks_path", "string", "", "Folder of the hooks.", word(func(d *draft) *string { return &d.HooksPath })},
		{"secrets_path", "string", "", "Where the secrets files are: <path>-common, then <path>, or <path>.<destination> with a destination.", word(func(d *draft) *string { return &d.SecretsPath })},
		{"run_directory", "string", "", "Accepted and ignored, as by the reference.", readIgnoredText},
		{"aliases", "hash of strings", "", "Commands of your own: a name (lower case letters, digits, - and _) with the command line that it stands for, without mrsk, as shell words. What follows the name is appended, and options there override those of the alias.", readAliases},
		{"hooks_output", "string or hash", "", "What is shown of hooks while all goes well: verbose is their output, too; quiet is nothing, not even that they run. For all hooks, or a hash with a setting for each. -v shows everything, -q nothing.", readHooksOutput},
		{"output", "hash", "", "Where a record of commands is kept; see output.", readOutput},
		{"accessories", "hash", "", "Services that the app needs, by name; see accessories/<name>.", later(func(d *draft) *value { return &d.accessories })},
		{"asset_path", "string", "", "Folder in the containers with assets, and after a colon the options of its mount: /app/public/assets:ro. For as long as two versions run, each of them has the assets of both. Only for roles behind the proxy.", readAssetPath(func(d *draft) *Assets { return &d.assets })},
		{"error_pages_path", "string", "", "Folder of the project with pages of your own. The proxy shows 503.html to the clients of an app in maintenance, with the message in the place of {{ .Message }}. 502.html, 504.html and, with proxy/buffering, 413.html are for the browsers of an app that is down, too slow, or sent too much: requests that accept text/html get them in the place of any answer of that status, the app's own included.", readErrorPagesPath},
		{"healthcheck", "hash", "", "Of MRSK and Kamal 1; see healthcheck. Now proxy/healthcheck and proxy/app_port.", later(func(d *draft) *value { return &d.health })},
		{"traefik", "hash", "", "Of MRSK and Kamal 1; see traefik. Now proxy/run.", later(func(d *draft) *value { return &d.traefik })},
		{"stop_wait_time", "integer", "", "Of MRSK and Kamal 1; now stop_timeout.", olderKey("write stop_timeout", readRootStopTimeout)},
		{"primary_web_role", "string", "", "Of Kamal 1; now primary_role.", olderKey("write primary_role", word(func(d *draft) *string { return &d.PrimaryRole }))},
		{"ssh_user", "string", "", "Of old MRSK; now ssh/user.", olderKey("write ssh: {user: …}", func(v value, d *draft) { readUser(v, &d.SSH) })},
		{"audit_broadcast_cmd", "string", "", "Of old MRSK; hooks took its place.", refuseBroadcast},
	},
}

func readService(v value, d *draft) {
	name, ok := v.text()
	if ok && !isName(name) {
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
		"is gone: hooks took its place")
}
