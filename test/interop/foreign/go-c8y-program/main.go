// Runs the library go-c8y, of which go-c8y-cli consists: its calls, its forwarding of a port or of
// stdin and stdout, and its real-time client.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/reubenmiller/go-c8y/pkg/c8y"
	"github.com/reubenmiller/go-c8y/pkg/remoteaccess"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: %s calls|server|stdio|operation DEVICE [CONFIGURATION]", os.Args[0]))
	}
	command, device := os.Args[1], os.Args[2]
	client := c8y.NewClientFromEnvironment(nil, command != "operation")
	switch command {
	case "calls":
		calls(client, device)
	case "operation":
		firstOperation(client, device)
	case "server":
		serve(forwarder(client, device))
	case "stdio":
		fail(forwarder(client, device).ListenServe(os.Stdin, os.Stdout))
	default:
		fail(fmt.Errorf("unknown command %s", command))
	}
}

func forwarder(client *c8y.Client, device string) *remoteaccess.RemoteAccessClient {
	options := remoteaccess.RemoteAccessOptions{ManagedObjectID: device, RemoteAccessID: os.Args[3]}
	return remoteaccess.NewRemoteAccessClient(client, options)
}

// Prints the address, then serves it until the process ends.
func serve(forwarder *remoteaccess.RemoteAccessClient) {
	fail(forwarder.Listen("127.0.0.1:0"))
	fmt.Println(forwarder.GetListenerAddress())
	fail(forwarder.Serve())
}

// Prints what each call was answered, as decoded by the library.
func calls(client *c8y.Client, device string) {
	ctx := context.Background()
	answers := map[string]any{}
	note := func(name string, answer any, err error) {
		if err != nil {
			answers[name] = "error: " + err.Error()
		} else {
			answers[name] = answer
		}
	}
	tenant, _, err := client.Tenant.GetCurrentTenant(ctx)
	note("tenant", tenant, err)
	user, _, err := client.User.GetCurrentUser(ctx)
	note("user", user, err)
	object, _, err := client.Inventory.GetManagedObject(ctx, device, nil)
	note("device", object, err)
	found, _, err := client.Inventory.GetManagedObjects(ctx, &c8y.ManagedObjectOptions{
		Query:             "has(c8y_IsDevice)",
		PaginationOptions: *c8y.NewPaginationOptions(100),
	})
	note("devices", found, err)
	list, _, err := client.RemoteAccess.GetConfigurations(ctx, device, nil)
	note("configurations", list, err)
	if len(list) > 0 {
		one, _, err := client.RemoteAccess.GetConfiguration(ctx, device, list[0].ID)
		note("configuration", one, err)
	}
	_, _, err = client.RemoteAccess.GetConfiguration(ctx, device, "999999")
	note("missing", nil, err)
	operations, _, err := client.Operation.GetOperations(ctx, &c8y.OperationCollectionOptions{DeviceID: device})
	note("operations", operations, err)
	fail(json.NewEncoder(os.Stdout).Encode(answers))
}

// Prints a line once it is subscribed, and then the first operation that it is notified of.
func firstOperation(client *c8y.Client, device string) {
	fail(client.Realtime.Connect())
	messages := make(chan *c8y.Message)
	if err := <-client.Realtime.Subscribe(c8y.RealtimeOperations(device), messages); err != nil {
		fail(err)
	}
	fmt.Println("subscribed")
	select {
	case message := <-messages:
		fail(json.NewEncoder(os.Stdout).Encode(message.Payload))
	case <-time.After(time.Minute):
		fail(fmt.Errorf("no message within a minute"))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
