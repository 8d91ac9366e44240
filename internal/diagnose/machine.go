package diagnose

// Machine is where the Docker engine runs that a command of the operator asks.
type Machine int

const (
	// ThisMachine is the operator's machine.
	ThisMachine Machine = iota
	// RemoteBuilder is the machine that builder.remote names.
	RemoteBuilder
	// BothBuilders are the two machines of a builder: this one and that of builder.remote.
	BothBuilders
	// DockerContext is the machine that DOCKER_HOST or the docker context names.
	DockerContext
)

func (m Machine) String() string {
	switch m {
	case RemoteBuilder:
		return "the remote builder"
	case BothBuilders:
		return "this machine or the remote builder"
	case DockerContext:
		return "the machine of the docker context"
	default:
		return "this machine"
	}
}

// Start returns the advice for an engine that does not run or cannot be reached.
func (m Machine) Start() string {
	switch m {
	case RemoteBuilder:
		return "check that builder.remote can be reached, and run systemctl start docker there"
	case BothBuilders:
		return "run docker version here; check that builder.remote can be reached, and that Docker runs there"
	case DockerContext:
		return "check that it can be reached (docker context ls shows it), and run systemctl start docker there"
	default:
		return "start Docker Desktop, or run systemctl start docker on this machine"
	}
}

// join returns the advice for a user who may not use the engine.
func (m Machine) join() string {
	switch m {
	case RemoteBuilder, BothBuilders:
		return "add the user of builder.remote to the group docker there, with usermod -aG docker; on this machine, log in again"
	case DockerContext:
		return "add the user of the docker context to the group docker there, with usermod -aG docker"
	default:
		return "run sudo usermod -aG docker $$USER on this machine, and log in again"
	}
}

// full says whose disk is full.
func (m Machine) full() string {
	if m == ThisMachine {
		return "the disk of this machine, or of the builder, is full"
	}
	return "the disk of " + m.String() + " is full"
}
