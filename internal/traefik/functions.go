package traefik

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

var (
	//go:embed sh/traefik.sh
	outsideSh string
	//go:embed sh/former.sh
	formerSh string
	//go:embed sh/inside.sh
	insideSh string
)

// Functions is the library of this package's shell functions that run on the host.
var Functions = shell.NewLibrary(outsideSh+formerSh).Set("_proxy", Container)

// InsideFunctions is the library of shell functions that run in the proxy's container.
var InsideFunctions = shell.NewNested("_inside", insideSh)

// The shell functions that run on the host. sh/traefik.sh defines and documents them.
var (
	inProxy       = Functions.Function("in_proxy", docker.Within)
	besideProxy   = Functions.Function("beside_proxy", docker.Client)
	intoProxy     = Functions.Function("into_proxy", docker.Within)
	awaitProxy    = Functions.Function("await_proxy", inProxy, insideConfirm, docker.Client)
	resumeProxy   = Functions.Function("resume_proxy", docker.Client, attached)
	attached      = Functions.Function("attached", docker.Client)
	serves        = Functions.Function("serves", attached, inProxy, insideLeads)
	recoverProxy  = Functions.Function("recover_proxy", attached, resumeProxy, awaitProxy)
	replaceable   = Functions.Function("replaceable", docker.Client, holders)
	notStarted    = Functions.Function("not_started", docker.Client, holders)
	holders       = Functions.Function("holders", docker.Publishers, listener)
	listener      = Functions.Function("listener", script.AsRoot)
	hindered      = Functions.Function("hindered", docker.Client)
	checkRoutes   = Functions.Function("check_routes", setRoute, unsetRoute, docker.Within)
	awaitAnswer   = Functions.Function("await_answer", limitProbe, inProxy, insideProbe, docker.StateOf, docker.Unwell, docker.Misdirected, docker.ToldProbe)
	limitProbe    = Functions.Function("limit_probe")
	proxyRuns     = Functions.Function("proxy_runs", docker.Client)
	confirmAnswer = Functions.Function("confirm_answer", docker.StillRuns, limitProbe, inProxy, insideSteady, proxyRuns, docker.Unwell)
	watchAnswer   = Functions.Function("watch_answer", confirmAnswer)
	setRoute      = Functions.Function("set_route", intoProxy, insideLead)
	restoreRoute  = Functions.Function("restore_route", intoProxy, insideStore, inProxy, insideConfirm, besideProxy)
	putRoute      = Functions.Function("put_route", intoProxy, insideStore, besideProxy)
	unrouted      = Functions.Function("unrouted", inProxy, insideLeads)
	unsetRoute    = Functions.Function("unset_route", inProxy, insideDrop, insideConfirmGone, besideProxy)
	dropFiles     = Functions.Function("drop_files", inProxy, insideDrop, besideProxy)
	behind        = Functions.Function("behind", docker.Client)
	hexOf         = Functions.Function("hex_of", wordsOf)
	wordsOf       = Functions.Function("words_of")
	sockets       = Functions.Function("sockets", docker.Within)
	connections   = Functions.Function("connections", sockets)
	pending       = Functions.Function("pending", sockets)
	standing      = Functions.Function("standing", pending)
	drain         = Functions.Function("drain", docker.ByLabel, docker.Client, hexOf, pending, connections, standing)
	leadPorts     = Functions.Function("lead_ports", docker.Client, letIn, leadTo)
	letIn         = Functions.Function("let_in", script.AsRoot)
	leadTo        = Functions.Function("lead_to", script.AsRoot)
	unleadPorts   = Functions.Function("unlead_ports", leadPorts)
	takeOver      = Functions.Function("take_over", leadPorts, unleadPorts, docker.Client, awaitProxy)
	giveBack      = Functions.Function("give_back", docker.IsThere, docker.Client, unleadPorts)
	comeBack      = Functions.Function("come_back", docker.IsThere, docker.RemoveContainers, docker.Client)
	resumeFormer  = Functions.Function("resume_former", comeBack, docker.Client, awaitProxy)
	retired       = Functions.Function("retired", docker.Client)
)

// The shell functions for certificates of former proxies, defined in sh/former.sh.
var (
	served          = Functions.Function("served", docker.Client)
	cached          = Functions.Function("cached", docker.Client)
	stored          = Functions.Function("stored", storages, docker.Client)
	storages        = Functions.Function("storages", docker.Client)
	entries         = Functions.Function("entries")
	leaves          = Functions.Function("leaves")
	seeCertificates = Functions.Function("see_certificates", cached, entries, leaves, stored)
	entryOf         = Functions.Function("entry_of")
	coded           = Functions.Function("coded")
	asStorage       = Functions.Function("as_storage", entryOf, coded)
	asReceived      = Functions.Function("as_received", entryOf)
	within          = Functions.Function("within", docker.Client)
	carry           = Functions.Function("carry", cached, stored, entries, within, insideCarry)
	uncarry         = Functions.Function("uncarry", docker.Client, within, insideUncarry)
)

// The shell functions that run in the proxy's container, defined in sh/inside.sh.
var (
	insideHTTP        = InsideFunctions.Function("http", insideAwaitEnd)
	insideAwaitEnd    = InsideFunctions.Function("await_end")
	insideGet         = InsideFunctions.Function("get")
	insideAsk         = InsideFunctions.Function("ask", insideGet, insideHTTP)
	insideProbe       = InsideFunctions.Function("probe", insideAsk, insideVerdict)
	insideSteady      = InsideFunctions.Function("steady", insideAsk, insideVerdict)
	insideVerdict     = InsideFunctions.Function("verdict")
	insideAPI         = InsideFunctions.Function("api", insideGet, insideHTTP)
	insideLeads       = InsideFunctions.Function("leads", insideAPI)
	insideConfirm     = InsideFunctions.Function("confirm", insideAPI)
	insideConfirmGone = InsideFunctions.Function("confirm_gone", insideAPI)
	insideStore       = InsideFunctions.Function("store")
	insideDrop        = InsideFunctions.Function("drop")
	insideSweep       = InsideFunctions.Function("sweep")
	insideLead        = InsideFunctions.Function("lead", insideStore, insideConfirm)
	insideRoutes      = InsideFunctions.Function("routes", insideKeyless)
	insideKeyless     = InsideFunctions.Function("keyless")
	insideIssued      = InsideFunctions.Function("issued")
	insideACME        = InsideFunctions.Function("acme")
	insideCarry       = InsideFunctions.Function("carry", insideACME, insideStore)
	insideUncarry     = InsideFunctions.Function("uncarry")
	insideNeeds       = InsideFunctions.Function("needs")
	insideReport      = InsideFunctions.Function("report", insideNeeds, insideRoutes)
)

// inside returns a call of f, a function of InsideFunctions. place is the function that runs it in the
// proxy's container or beside it.
func inside(place, f *shell.Function, words ...string) shell.Line {
	return place.Call().Add(f.Word()).Lits(words...)
}
