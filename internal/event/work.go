package event

import "time"

// Work announces what a command does to hosts. A later one has more of it, or corrects it.
type Work struct {
	Doing   string   // in a few words, such as "Deploying shop"
	Version string   // of the app, "" if the command has none
	Subject string   // of the version's commit, "" if it is not known
	Was     []string // the versions that the hosts ran before, nil if they are not known
	Hosts   []string
}

// Build is the progress of the build of an image on the operator's machine.
type Build struct {
	State State         // Began, Done, Failed or Cancelled
	Took  time.Duration // set from Done on
	// Size is how many bytes the image has, and Added how many of them are new; both are 0 if it is not known.
	Size, Added int64
}

// Stage announces a part of the work that hosts begin at the same time.
type Stage struct {
	Name     string
	Hosts    []string
	Together bool // a host that has come to its end waits for the others
	Undo     bool // the hosts undo what they have done
}

// Reached reports that a host has come to the end of a Stage.
type Reached struct {
	Host  string
	Stage string
	Done  string        // what is true of the host now, in a word or two, such as "healthy"
	Took  time.Duration // since the stage began
	Sent  int64         // bytes that the host got from this machine, 0 if it needed none or they were not counted
}

// HostFailed reports that the work on a host ended with an error. A step that failed has been reported before.
type HostFailed struct {
	Host string
	Err  error
}

// Waiting reports that a host has begun to wait. Waited follows when the wait is over.
type Waiting struct {
	Host string
	For  Wait
}

// Probe is an answer that a step got which waits until a container is healthy. It comes when the answer changes.
type Probe struct {
	Host   string
	Step   string
	Answer string
	Limit  time.Duration // how long the step waits at most
}

func (Work) event()       {}
func (Build) event()      {}
func (Stage) event()      {}
func (Reached) event()    {}
func (HostFailed) event() {}
func (Waiting) event()    {}
func (Probe) event()      {}
