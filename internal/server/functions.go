package server

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

var (
	//go:embed sh/server.sh
	serverSh string
	//go:embed sh/bootstrap.sh
	bootstrapSh string
	//go:embed sh/examine.sh
	examineSh string
)

// Functions is the library of this package's shell functions.
var Functions = shell.NewLibrary(serverSh + bootstrapSh + examineSh)

// The shell functions for locks and the audit log. sh/server.sh defines and documents them.
var (
	lockPlaces = Functions.Function("lock_places")
	lockDir    = Functions.Function("lock_dir", lockPlaces, isRight)
	isRight    = Functions.Function("_is_right")
	// LockFile NAME finds or creates a lock.
	LockFile = Functions.Function("lock_file", lockDir)
	// Patiently DESCRIPTOR SECONDS WHAT takes the lock on the descriptor.
	Patiently = Functions.Function("patiently")
	hostLock  = Functions.Function("host_lock", LockFile, Patiently)
	audit     = Functions.Function("audit")

	dockerDisk = Functions.Function("docker_disk", docker.Client)
)

// The shell functions that install Docker, defined in sh/bootstrap.sh.
var (
	cannotInstall = Functions.Function("cannot_install")
	may           = Functions.Function("may", script.AsRoot)
	hasDocker     = Functions.Function("has_docker")
	install       = Functions.Function("install", script.AsRoot)
	fetcher       = Functions.Function("fetcher", cannotInstall, install)
	fetched       = Functions.Function("fetched")
	installDocker = Functions.Function("install_docker", may, cannotInstall, script.AsRoot, fetcher, fetched, install, hasDocker, startDocker)
	startDocker   = Functions.Function("start_docker", script.AsRoot, startService)
	startService  = Functions.Function("start_service", script.AsRoot)
	joinDocker    = Functions.Function("join_docker", may, script.AsRoot)
	bootstrap     = Functions.Function("bootstrap", hasDocker, installDocker, docker.Client, joinDocker)
)

// examine is defined in sh/examine.sh.
var examine = Functions.Function("examine", docker.Client, dockerDisk)
