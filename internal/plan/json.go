package plan

import "encoding/json"

// The view of a plan for scripts. It has what String has, under names that stay.
type (
	planView struct {
		Title string   `json:"title"`
		Notes []string `json:"notes"`
		// Questions are asked before the plan is carried out.
		Questions []string     `json:"questions,omitempty"`
		Changes   []changeView `json:"changes,omitempty"`
		Phases    []phaseView  `json:"phases"`
	}
	changeView struct {
		Kind  ChangeKind `json:"kind"`
		Role  string     `json:"role"`
		What  string     `json:"what"`
		From  string     `json:"from,omitempty"`
		To    string     `json:"to,omitempty"`
		Hosts []string   `json:"hosts"`
	}
	phaseView struct {
		Name    string     `json:"name"`
		Rollout bool       `json:"rollout"`
		Batch   int        `json:"batch,omitempty"`
		Hosts   []hostView `json:"hosts"`
	}
	hostView struct {
		Host   string      `json:"host"`
		Stages []stageView `json:"stages"`
	}
	stageView struct {
		Name   string     `json:"name"`
		Gate   string     `json:"gate,omitempty"`
		Commit bool       `json:"commit,omitempty"`
		Steps  []stepView `json:"steps"`
	}
	stepView struct {
		Name       string `json:"name"`
		Cause      string `json:"cause,omitempty"`
		Role       string `json:"role,omitempty"`
		Undo       string `json:"undo,omitempty"`
		BestEffort bool   `json:"tolerated,omitempty"`
		Late       bool   `json:"late,omitempty"`
		Command    string `json:"command"`
		UndoWith   string `json:"undo_command,omitempty"`
	}
)

// JSON is the plan as an indented JSON document, with a line end. Secrets in its commands are
// hidden.
func (p *Plan) JSON() ([]byte, error) {
	v := planView{Title: p.Title, Notes: append([]string{}, p.Notes...), Questions: p.Questions, Phases: []phaseView{}}
	for _, c := range p.Changes {
		v.Changes = append(v.Changes, changeView{c.Kind, c.Role, c.What, c.From, c.To, c.Hosts})
	}
	for _, phase := range p.Phases {
		v.Phases = append(v.Phases, phase.view())
	}
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

func (p Phase) view() phaseView {
	v := phaseView{Name: p.Name, Rollout: p.Rollout, Batch: p.Batch, Hosts: []hostView{}}
	for _, h := range p.Hosts {
		host := hostView{Host: h.Name, Stages: []stageView{}}
		for _, s := range h.Stages {
			host.Stages = append(host.Stages, s.view())
		}
		v.Hosts = append(v.Hosts, host)
	}
	return v
}

func (s Stage) view() stageView {
	v := stageView{Name: s.Name, Gate: s.Gate, Commit: s.Commit, Steps: []stepView{}}
	for _, step := range s.Steps {
		v.Steps = append(v.Steps, stepView{
			Name: step.Name, Cause: step.Cause, Role: step.Role, Undo: step.UndoName, BestEffort: step.BestEffort, Late: step.Late,
			Command: step.Run.String(), UndoWith: step.Undo.String(),
		})
	}
	return v
}
