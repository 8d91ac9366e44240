package inspect

import (
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
	"mrsk/internal/ui"
)

// Accessory is an accessory on a host.
type Accessory struct {
	Name      string              `json:"name"`
	Host      string              `json:"host"`
	Service   string              `json:"service"`
	Image     string              `json:"image"`     // that the configuration names
	Container *AccessoryContainer `json:"container"` // nil: there is none
}

// AccessoryContainer is the container of an accessory.
type AccessoryContainer struct {
	ID       string     `json:"id"`
	Image    string     `json:"image"` // that it was made from
	Command  string     `json:"command"`
	State    string     `json:"state"`
	Health   string     `json:"health,omitempty"`
	Serving  bool       `json:"serving"`             // requests go to it
	Detached bool       `json:"detached,omitempty"`  // it runs without mrsk's network
	ExitCode *int       `json:"exit_code,omitempty"` // nil while it runs, and if it never ran
	Created  time.Time  `json:"created"`
	Started  *time.Time `json:"started,omitempty"`
	Finished *time.Time `json:"finished,omitempty"`
}

// AccessoriesOf picks the accessories of c on the host out of what was seen.
func AccessoriesOf(c *config.Scope, h facts.Host) []Accessory {
	out := []Accessory{}
	for _, a := range c.Accessories {
		if a.On(h.Name) {
			out = append(out, Accessory{Name: a.Name, Host: h.Name, Service: a.Service, Image: a.Image, Container: containerOfAccessory(a, h)})
		}
	}
	return out
}

func containerOfAccessory(a config.Accessory, h facts.Host) *AccessoryContainer {
	seen := h.Accessory(a.Service)
	k := seen.Container
	if k.ID == "" {
		return nil
	}
	serving := traefik.ForAccessory(a, k.Alias).Serving(h)
	out := &AccessoryContainer{
		ID: k.ID[:min(12, len(k.ID))], Image: seen.Reference, Command: seen.Command, State: k.State, Health: k.Health,
		Serving: serving != "" && serving == k.Alias, Detached: k.Detached, Created: k.Created, Started: moment(k.Started), Finished: moment(k.Finished),
	}
	if !k.Running() && k.State != "created" {
		out.ExitCode = &k.ExitCode
	}
	return out
}

// Text is the accessory as a table.
func (a Accessory) Text(now time.Time) string {
	k := a.Container
	if k == nil {
		return "no container\n"
	}
	// The status reads as that of the app's containers.
	status := Container{State: k.State, Health: k.Health, Serving: k.Serving, Detached: k.Detached, ExitCode: k.ExitCode, Started: k.Started, Finished: k.Finished}.status(now)
	return ui.Table([]string{"ID", "NAME", "IMAGE", "STATUS", "COMMAND"}, [][]string{{k.ID, a.Service, k.Image, status, k.Command}})
}
