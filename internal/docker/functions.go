package docker

import (
	_ "embed"

	"mrsk/internal/shell"
)

//go:embed sh/docker.sh
var dockerSh string

// Functions are the shell functions of this package.
var Functions = shell.NewLibrary(dockerSh)

// The shell functions. What each of them does in detail is said at its definition in sh/docker.sh.
var (
	// Client is the docker client with a limit of time; see Cmd.
	Client = Functions.Function("docker", Within, watched)
	// Within SECONDS WORD… is the docker client with this limit.
	Within    = Functions.Function("_within")
	watched   = Functions.Function("_watched", awaitHang)
	awaitHang = Functions.Function("_await_hang")
	// AwaitDocker SECONDS waits until the daemon answers.
	AwaitDocker = Functions.Function("await_docker", Client)
	// StateOf CONTAINER prints state, health, exit status and number of restarts.
	StateOf = Functions.Function("state_of", Client)
	// Unwell CONTAINER WHY [MORE] prints why a new container is given up, and its log.
	Unwell = Functions.Function("unwell", Client)
	// ToldProbe LIMIT ANSWER reports an answer to a probe, unless it is the last one.
	ToldProbe = Functions.Function("told_probe")
	// AwaitUp CONTAINER DELAY TIMEOUT [once] waits until the container is healthy or has run for DELAY.
	AwaitUp = Functions.Function("await_up", StateOf, Unwell, ToldProbe)
	// StillRuns CONTAINER fails when the container has ended since it was up.
	StillRuns = Functions.Function("still_runs", StateOf, Unwell)
	// StillUp CONTAINER is StillRuns that also fails when the container is unhealthy.
	StillUp = Functions.Function("still_up", StillRuns, StateOf, Unwell)
	// WatchUp SECONDS CONTAINER is StillUp once a second.
	WatchUp = Functions.Function("watch_up", StillUp)
	// Halt CONTAINER [SECONDS] stops the container, or kills it.
	Halt = Functions.Function("halt", Client)
	see  = Functions.Function("see", Client)
	// IsThere CONTAINER succeeds when the container exists.
	IsThere = Functions.Function("is_there", Client)
	// RemoveContainers CONTAINER… removes those that exist.
	RemoveContainers = Functions.Function("remove_containers", IsThere, Client)
	// LeaveNetwork NETWORK CONTAINER disconnects the container.
	LeaveNetwork = Functions.Function("leave_network", Client)
	// ByLabel LABEL prints the ids of all containers with the label.
	ByLabel = Functions.Function("by_label", Client)
	// Discard LABEL SECONDS stops and removes the containers with the label.
	Discard        = Functions.Function("discard", ByLabel, Client)
	removeUntagged = Functions.Function("remove_untagged", Client)
	// Keep LABEL POLICY sets the restart policy of a container that must be running.
	Keep = Functions.Function("keep", ByLabel, StillRuns, Client)
	// RestartPolicy LABEL POLICY sets the restart policy of a container, if it exists.
	RestartPolicy = Functions.Function("restart_policy", ByLabel, Client)
	// Kept [LABEL POLICY]… succeeds when the containers have these restart policies.
	Kept = Functions.Function("kept", Client, ByLabel)
	// ExpectContainers IDS FILTER… fails when the filters find other containers.
	ExpectContainers = Functions.Function("expect_containers", Client)
	// Labelled IMAGE LABEL VALUE FORMAT prints the image, and fails when it lacks the label.
	Labelled = Functions.Function("labelled", Client)
	// PullFrom ADDRESS AUTH REPOSITORY@DIGEST NAME pulls an image with a login that is then forgotten.
	PullFrom = Functions.Function("pull_from", Client)
	// OpenBeyondLoopback PORT prints the addresses other than loopback on which the port is open.
	OpenBeyondLoopback = Functions.Function("open_beyond_loopback")
	// AssetVolumes makes the volumes that BridgeAssets needs.
	AssetVolumes = Functions.Function("asset_volumes", Client)
	// BridgeAssets fills a volume with the assets of the new and the old image.
	BridgeAssets = Functions.Function("bridge_assets", Client, assetsOf)
	assetsOf     = Functions.Function("assets_of", Client)
	portsTaken   = Functions.Function("ports_taken", Publishers)
	// Publishers PORT prints the running containers that publish a TCP port of the host.
	Publishers = Functions.Function("publishers", Client)
	listening  = Functions.Function("listening", Client)
	// Misdirected CONTAINER PORT prints on which other ports the container listens.
	Misdirected = Functions.Function("misdirected", listening)
)

// Cmd is a docker command. Where the daemon hangs, it fails after a while.
func Cmd(words ...string) shell.Line { return Client.Call(words...) }
