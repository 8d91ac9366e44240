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
)

// Functions are the shell functions of this package.
var Functions = shell.NewLibrary(serverSh + bootstrapSh)

// The shell functions for locks and the audit log. What each of them does in detail is said at its
// definition in sh/server.sh.
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
